/** Shared by the modules of this library and promised to nobody: it changes without notice. */
@NullMarked
package org.lightnas.internal;

import org.jspecify.annotations.NullMarked;
