package org.lightnas.examples.tables;

import org.lightnas.space.Candidate;

/** A candidate that is no more than its name. */
record Named(String id) implements Candidate {}
