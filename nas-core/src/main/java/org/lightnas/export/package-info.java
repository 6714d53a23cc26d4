/** Networks in formats that other runtimes read. */
@NullMarked
package org.lightnas.export;

import org.jspecify.annotations.NullMarked;
