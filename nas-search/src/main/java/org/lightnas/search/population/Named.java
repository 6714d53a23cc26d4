package org.lightnas.search.population;

/** A stop rule that says what it is. */
record Named(String name, StopRule rule) implements StopRule {

  @Override
  public boolean stops(Standing standing) {
    return rule.stops(standing);
  }

  @Override
  public String toString() {
    return name;
  }
}
