import { startPostgres } from './postgres-server.ts'

/** Before hub tests that run with PostgreSQL: one server for all of them. Each hub gets a schema. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.HUBBUB_TEST_POSTGRES) return undefined
  const server = await startPostgres()
  // the test processes inherit it
  process.env.HUBBUB_TEST_POSTGRES = server.url
  return () => server.stop()
}
