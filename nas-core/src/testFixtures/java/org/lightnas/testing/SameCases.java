package org.lightnas.testing;

import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyAttributes;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/**
 * Gives every property a seed of its own, the same in every build: what a gate says of a change
 * must not depend on luck. {@code -Dnas.explore=true} tries other cases each time.
 */
public final class SameCases implements AroundPropertyHook {

  @Override
  public PropagationMode propagateTo() {
    return PropagationMode.ALL_DESCENDANTS;
  }

  /** Outside of all other hooks. */
  @Override
  public int aroundPropertyProximity() {
    return Integer.MIN_VALUE;
  }

  @Override
  public PropertyExecutionResult aroundProperty(
      PropertyLifecycleContext property, PropertyExecutor executor) {
    PropertyAttributes attributes = property.attributes();
    if (attributes.seed().isEmpty() && !Boolean.getBoolean("nas.explore")) {
      String name = property.containerClass().getName() + "." + property.targetMethod().getName();
      attributes.setSeed(Integer.toString(name.hashCode()));
    }
    return executor.execute();
  }
}
