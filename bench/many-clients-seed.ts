import pg from 'pg'

/*
 * The users and chats of a company, written into PostgreSQL by a few statements: a hundred thousand users take minutes over the
 * API. Each user is in 8 direct chats and in groups of the sizes below; all are in the group of the team.
 */

const directsPerUser = 4
/** A group of a kind begins at every `step`th user, so a user is in `size / step` groups of it. */
const groupKinds = [
  { name: 'group8', size: 8, step: 4 },
  { name: 'group20', size: 20, step: 10 },
  { name: 'group200', size: 200, step: 100 },
  // the largest that a hub allows
  { name: 'group2000', size: 2_000, step: 2_000 },
] as const

export type ChatKind = 'direct' | (typeof groupKinds)[number]['name'] | 'everyone'

const pad = (n: number, digits: number): string => String(n).padStart(digits, '0')

/** As long as the ids of a hub. */
export const userIdOf = (n: number): string => `user-${pad(n, 11)}`
const groupIdOf = (kind: string, g: number): string => `${kind}-${pad(g, 6)}`

/** A chat of this kind that the user is in. */
export function chatOf(kind: ChatKind, n: number, everyoneId: string): string {
  if (kind === 'everyone') return everyoneId
  if (kind === 'direct') return `direct-${pad(n, 8)}1`
  const { step } = groupKinds.find(({ name }) => name === kind) ?? groupKinds[0]
  return groupIdOf(kind, Math.floor(n / step))
}

/** Writes the users into the database of a hub that was set up. Returns the id of the group of the whole team. */
export async function seedCompany(url: string, userCount: number): Promise<string> {
  const client = new pg.Client(url)
  await client.connect()
  const now = Date.now()
  // a seed that is cut off is thrown away with its database
  await client.query('set synchronous_commit = off')
  await client.query('begin')
  await client.query(usersSql(userCount, now))
  await client.query(sessionsSql(userCount, now))
  await client.query(
    `create temp table seed_chat (id text, kind text, size int, first int, step int) on commit drop`,
  )
  await client.query(`insert into seed_chat
    select 'direct-' || lpad(n::text, 8, '0') || k, 'direct', 2, n, k
    from generate_series(0, ${userCount - 1}) n, generate_series(1, ${directsPerUser}) k`)
  for (const { name, size, step } of groupKinds)
    await client.query(`insert into seed_chat
      select '${name}-' || lpad(g::text, 6, '0'), 'group', ${Math.min(size, userCount)}, g * ${step}, 1
      from generate_series(0, ${Math.ceil(userCount / step) - 1}) g`)
  await client.query(chatsSql(userCount, now))
  await client.query(membersSql(userCount, now))
  await client.query(messagesSql(now))
  await client.query(`insert into entry (stream, seq, type, at, by_id, target)
    select 'chat:' || id, 1, 'chat.created', ${now}, created_by, null from chat where id in (select id from seed_chat)
    union all select 'chat:' || chat_id, 2, 'message.sent', at, author_id, id from message`)
  const everyoneId = await joinTeamGroup(client, userCount, now)
  await client.query('commit')
  await client.query('vacuum (analyze)')
  await client.end()
  return everyoneId
}

const id = (n: string): string => `'user-' || lpad((${n})::text, 11, '0')`

const usersSql = (userCount: number, now: number): string => `
  insert into "user" (id, username, username_key, display_name, display_key, role, joined_no, password, recovery_key, created_at)
  select ${id('n')}, ${id('n')}, ${id('n')}, 'User ' || n, 'user ' || n, 'member', n + 1, '\\x00', '\\x00', ${now}
  from generate_series(0, ${userCount - 1}) n`

const sessionsSql = (userCount: number, now: number): string => `
  insert into session (id, user_id, token_hash, kind, device, address, created_at, used_at, expires_at)
  select 'session-' || lpad(n::text, 8, '0'), ${id('n')},
    sha256(convert_to('bench-token-of-user-' || lpad(n::text, 6, '0'), 'UTF8')), 'token', 'bench', '127.0.0.1',
    ${now}, ${now}, ${now + 86_400_000}
  from generate_series(0, ${userCount - 1}) n`

/** The two users of a direct chat are `first` and `first + step`; a group has those from `first` on. */
const chatsSql = (userCount: number, now: number): string => `
  insert into chat (id, kind, name, visibility, direct_key, member_count, head, last_no, updated_at, created_by, created_at)
  select id, kind, case when kind = 'group' then id end, 'private',
    case when kind = 'direct' then ${id(`least(first, (first + step) % ${userCount})`)} || ':'
      || ${id(`greatest(first, (first + step) % ${userCount})`)} end,
    size, 2, 1, ${now}, ${id('first')}, ${now}
  from seed_chat`

const membersSql = (userCount: number, now: number): string => `
  insert into membership (chat_id, user_id, role, joined_at, read_no, delivered_no)
  select id, ${id(`(first + m * step) % ${userCount}`)}, case when kind = 'group' and m = 0 then 'owner' else 'member' end,
    ${now}, 1, 1
  from seed_chat, lateral generate_series(0, size - 1) m`

const messagesSql = (now: number): string => `
  insert into message (id, chat_id, no, seq, rev, cid, author_id, text, digest, at)
  select 'm' || substr(id, 2), id, 1, 2, 2, cast(md5(id) as uuid)::text, ${id('first')}, 'The first message', '\\x00', ${now}
  from seed_chat`

async function joinTeamGroup(client: pg.Client, userCount: number, now: number): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select id from chat where for_everyone = 1')
  const chatId = rows[0]?.id
  if (chatId === undefined) throw new Error('the hub has no group of the team')
  await client.query(`insert into membership (chat_id, user_id, role, joined_at, read_no, delivered_no)
    select '${chatId}', ${id('n')}, 'member', ${now}, 0, 0 from generate_series(0, ${userCount - 1}) n`)
  await client.query(`update chat set member_count = member_count + ${userCount} where id = '${chatId}'`)
  return chatId
}
