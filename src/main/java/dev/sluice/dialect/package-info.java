/** What the API dialects share: the reading of JSON, of errors and of lists of models, and one JSON answer on its way. */
@NullMarked
package dev.sluice.dialect;

import org.jspecify.annotations.NullMarked;
