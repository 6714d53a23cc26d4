/** What tests of several modules share; every module compiles it with its own tests. */
package org.lightnas.testing;
