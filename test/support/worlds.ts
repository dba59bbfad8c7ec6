const standbys = 'computers that follow the log of the file; a server has standbys of its own'

/**
 * Hub tests that cannot hold with PostgreSQL, each with its reason: they are about the database file itself. What a
 * server does instead is in test/server/postgres*.test.ts. With the single tests below there may be 15 of them.
 */
export const sqliteOnly: Readonly<Record<string, string>> = {
  'test/server/backup.test.ts':
    'archives of the file, and what the disk did to it; backup-archive has the rest, postgres-moving the way back',
  'test/server/batched-frames.test.ts':
    'the messages of one commit leave as one frame; here each has a commit of its own',
  'test/server/damage-campaign.test.ts': 'alters bytes of the file',
  'test/server/damaged-index.test.ts': 'alters pages of FTS5',
  'test/server/damaged-pages.test.ts': 'alters pages of the file',
  'test/server/migrations.test.ts': 'the backup before a migration of the file',
  'test/server/missing-parts.test.ts': 'data directories that have lost their file, or a part of it',
  'test/server/search-file.test.ts': 'the job that fills FTS5, and its worker',
  'test/server/doctor.test.ts': 'alters the file and its index; postgres.test.ts examines a server',
  'test/server/continuity-property.test.ts': standbys,
  'test/server/standby-copy.test.ts': standbys,
}

/** The same for single tests of files that otherwise run there, by their full names. */
export const sqliteOnlyTests: Readonly<Record<string, string>> = {
  'the text of a deleted message is gone from all files of the hub once it cannot be undeleted':
    'reads the file and its log; what a server does is in postgres.test.ts',
  'a write without its lock is reported, and one with its lock is not':
    'the test of the lock watch itself, which uses triggers of SQLite; the locks of a request are the same in both worlds',
  'finds a row that is lost or doubled, an entry that is lost and a file that is lost':
    'the campaign compares the file on the disk with what was acknowledged',
  'a hub without its lock file lets no other one in, and a killed one does':
    'the second lock is that of the file',
}

const folder =
  'looks for files in the data directory, or alters them there; cluster-files.test.ts is about the shared folder'
const presence = 'who has left is known to the other process up to a second later'

/** Hub tests that cannot hold with two processes either, besides those above. */
export const oneProcessOnly: Readonly<Record<string, string>> = {
  'test/server/backup-points.test.ts': 'a hub of several processes makes no backups of its own',
  'test/server/continuity-clients.test.ts': standbys,
  'test/server/files.test.ts': folder,
  'test/server/proxy.test.ts': 'gives its hub a port for monitoring, which two processes cannot share',
}

/** The same for single tests, by their full names. */
const oneProcessOnlyTests: Readonly<Record<string, string>> = {
  'a hidden last-seen time is also hidden from the owner and admins, and a user who hides it cannot see others’':
    presence,
  'a client that wants interest gets the presence of its small chats and of those it watches, others that of all':
    'a change that is undone before the other process has told the one before is not told',
  'pings, typing and unknown messages count in the rate of their user: the rest waits':
    'sets the steady clock of both processes, which then hold each other for silent',
  'a hub that ends before the preview makes it after its next start':
    'the leader makes the preview of a process that has ended a minute later',
  'a picture whose file the disk has lost gets no preview, and the hub goes on': folder,
  'equal avatars share one file that only the hub can read, and unused files are removed': folder,
  'a backup has the avatars, and fails if one is missing': folder,
}

/** Matches the names of all other tests. */
export const postgresTestNames = allBut(Object.keys(sqliteOnlyTests))
export const clusterTestNames = allBut(Object.keys({ ...sqliteOnlyTests, ...oneProcessOnlyTests }))

function allBut(names: readonly string[]): RegExp {
  return new RegExp(`^(?!(?:${names.map((name) => RegExp.escape(name)).join('|')})$)`)
}

/** Hub tests that run with PostgreSQL too in every run; the others do with HUBBUB_TEST_DATABASE=postgres. */
export const postgresFiles: string[] = [
  'test/server/odd-texts.test.ts',
  'test/server/receipts.test.ts',
  'test/server/threads.test.ts',
]

/** Tests that start several processes themselves: the world of two processes would double them. */
export const clusterFiles: string[] = [
  'test/server/cluster.test.ts',
  'test/server/cluster-bus.test.ts',
  'test/server/cluster-sync.test.ts',
  'test/server/cluster-races.test.ts',
  'test/server/cluster-campaign.test.ts',
  'test/server/cluster-files.test.ts',
  'test/server/cluster-bucket.test.ts',
  'test/server/cluster-restored.test.ts',
  'test/server/cluster-busy.test.ts',
  'test/server/rolling-upgrade.test.ts',
]

/** Tests of what is specific to PostgreSQL. */
export const postgresOnly: string[] = [
  'test/server/postgres.test.ts',
  'test/server/postgres-moving.test.ts',
  'test/server/postgres-order.test.ts',
  'test/server/postgres-plans.test.ts',
  'test/server/postgres-search.test.ts',
  ...clusterFiles,
]
