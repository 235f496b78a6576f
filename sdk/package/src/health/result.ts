/** What a health check found. `loading` and `failure` say why. */
export type HealthStatus = 'success' | 'loading' | 'disabled' | 'starting' | 'waiting' | 'failure'

export interface HealthCheckResult {
  result: HealthStatus
  message: string | null
}
