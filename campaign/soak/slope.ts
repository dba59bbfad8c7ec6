/** The line through some values at equal distances, by least squares. */
export interface Trend {
  /** From the first value to the last, along the line. */
  growth: number
  /** The part of the variance that the line explains: 0 for noise, 1 for a line. */
  fit: number
}

export function trendOf(values: readonly number[]): Trend {
  const count = values.length
  if (count < 3) return { growth: 0, fit: 0 }
  const middle = (count - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  let covariance = 0
  let spread = 0
  let variance = 0
  for (const [at, value] of values.entries()) {
    covariance += (at - middle) * (value - mean)
    spread += (at - middle) ** 2
    variance += (value - mean) ** 2
  }
  const slope = covariance / spread
  return { growth: slope * (count - 1), fit: variance === 0 ? 0 : (slope * covariance) / variance }
}
