/** The only place that draws random numbers for waiting times. */

/** A number from 0 up to, not including, 1. */
export type Chance = () => number;

/** The machine's own. */
export const systemChance: Chance = () => Math.random();
