import { type Kysely, sql } from 'kysely'
import type { SchemaBuilder } from '../schema-builder.ts'

/** The whole schema of the first release. Frozen: a later change is a later migration. */
export async function up(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  await createHub(db, schema)
  await createUsers(db, schema)
  await createInvites(db, schema)
  await createSessions(db, schema)
  await createChats(db, schema)
  await createMemberships(db, schema)
  await createMessages(db, schema)
  await createMessageMarks(db, schema)
  await createFiles(db, schema)
  await createReleasedFiles(db, schema)
  await createDrafts(db, schema)
  await createTextBudgets(db, schema)
  await createStreams(db, schema)
  await createContinuity(db, schema)
  await createSearch(db, schema)
  // rows that each message or login updates
  await schema.leaveRoom(db, 'chat', 50)
  await schema.leaveRoom(db, 'membership', 20)
  await schema.leaveRoom(db, 'user', 20)
}

async function createHub(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, bytes, createTable, createKeyedTable, isFlag } = schema
  await createTable(db, 'hub')
    .addColumn('id', integer, (c) => c.primaryKey().check(sql`id = 1`))
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('registration', text, (c) =>
      c
        .notNull()
        .defaultTo('invite')
        .check(sql`registration in ('invite', 'open', 'approval', 'closed')`),
    )
    .addColumn('epoch', text, (c) => c.notNull())
    .addColumn('decoy_secret', bytes, (c) => c.notNull())
    .addColumn('recovery_by_question', integer, (c) =>
      c.notNull().defaultTo(1).check(isFlag('recovery_by_question')),
    )
    .addColumn('file_bytes', integer, (c) => c.notNull().defaultTo(2_147_483_648))
    .addColumn('user_bytes', integer, (c) => c.notNull().defaultTo(10_737_418_240))
    .addColumn('retention_days', integer, (c) => c.check(sql`retention_days between 1 and 3650`))
    .addColumn('group_members', integer, (c) =>
      c
        .notNull()
        .defaultTo(2000)
        .check(sql`group_members between 2 and 2000`),
    )
    .addColumn('sync', text, (c) =>
      c
        .notNull()
        .defaultTo('on')
        .check(sql`sync in ('off', 'on')`),
    )
    .addColumn('tie', text, (c) => c.notNull().defaultTo('hub'))
    .addColumn('head', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('setup_hash', bytes)
    .execute()

  await createKeyedTable(db, 'throttle')
    .addColumn('key', text, (c) => c.primaryKey())
    .addColumn('count', integer, (c) => c.notNull())
    .addColumn('since', integer, (c) => c.notNull())
    .addColumn('until', integer, (c) => c.notNull())
    .execute()
}

async function createUsers(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, bytes, createTable, isJson } = schema
  await createTable(db, 'user')
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('username', text, (c) => c.notNull())
    .addColumn('username_key', text, (c) => c.notNull().unique())
    .addColumn('display_name', text, (c) => c.notNull())
    .addColumn('display_key', text, (c) => c.notNull())
    .addColumn('kind', text, (c) =>
      c
        .notNull()
        .defaultTo('user')
        .check(sql`kind in ('user', 'bot')`),
    )
    .addColumn('role', text, (c) => c.notNull().check(sql`role in ('owner', 'admin', 'member')`))
    .addColumn('password', bytes, (c) => c.notNull())
    .addColumn('question', text)
    .addColumn('answer', bytes)
    .addColumn('recovery_key', bytes, (c) => c.notNull())
    .addColumn('recovery_notice', text, (c) => c.check(isJson('recovery_notice')))
    .addColumn('bio', text)
    .addColumn('avatar', text)
    .addColumn('avatar_digest', text)
    .addColumn('status_text', text)
    .addColumn('status_emoji', text)
    .addColumn('status_until', integer)
    .addColumn('settings', text, (c) => c.notNull().defaultTo('{}').check(isJson('settings')))
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('last_seen_at', integer)
    .addColumn('deactivated_at', integer)
    .addColumn('pending_since', integer)
    .addColumn('joined_no', integer, (c) => c.notNull().check(sql`joined_no >= 0`))
    .addColumn('head', integer, (c) => c.notNull().defaultTo(0))
    .addCheckConstraint('user_question_has_answer', sql`(question is null) = (answer is null)`)
    .addCheckConstraint('user_avatar_has_digest', sql`(avatar is null) = (avatar_digest is null)`)
    .addCheckConstraint(
      'user_status_until_has_status',
      sql`status_until is null or status_text is not null or status_emoji is not null`,
    )
    .addCheckConstraint('user_avatar_digest_length', sql`avatar_digest is null or length(avatar_digest) = 64`)
    .execute()
  await db.schema
    .createIndex('one_owner')
    .unique()
    .on('user')
    .column('role')
    .where(sql<boolean>`role = 'owner'`)
    .execute()
  await db.schema.createIndex('user_joined_no').on('user').column('joined_no').execute()
  await db.schema
    .createIndex('user_status_until')
    .on('user')
    .column('status_until')
    .where(sql<boolean>`status_until is not null`)
    .execute()
  await db.schema
    .createIndex('user_pending')
    .on('user')
    .column('pending_since')
    .where(sql<boolean>`pending_since is not null`)
    .execute()
}

async function createInvites(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, bytes, createTable } = schema
  await createTable(db, 'invite')
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('code_hash', bytes, (c) => c.notNull().unique())
    .addColumn('role', text, (c) => c.notNull().check(sql`role in ('member', 'admin')`))
    .addColumn('uses', integer, (c) => c.notNull().check(sql`uses > 0`))
    .addColumn('used_count', integer, (c) =>
      c
        .notNull()
        .defaultTo(0)
        .check(sql`used_count between 0 and uses`),
    )
    .addColumn('expires_at', integer, (c) => c.notNull())
    .addColumn('created_by', text, (c) => c.notNull().references('user.id'))
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('revoked_at', integer)
    .execute()
  // users and invites refer to each other: this column comes when both tables are there, so that every reference
  // points back, as a database needs that checks references on creation
  await db.schema
    .alterTable('user')
    .addColumn('invite_id', text, (c) => c.references('invite.id'))
    .execute()
  await db.schema
    .createIndex('user_invite')
    .on('user')
    .column('invite_id')
    .where(sql<boolean>`invite_id is not null`)
    .execute()
}

async function createSessions(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, bytes, createTable, createKeyedTable, isFlag } = schema
  await createTable(db, 'session')
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('token_hash', bytes, (c) => c.notNull().unique())
    .addColumn('kind', text, (c) => c.notNull().check(sql`kind in ('cookie', 'token')`))
    .addColumn('device', text, (c) => c.notNull())
    .addColumn('address', text, (c) => c.notNull())
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('used_at', integer, (c) => c.notNull())
    .addColumn('expires_at', integer, (c) => c.notNull())
    .addColumn('reauthenticated_at', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('persistent', integer, (c) => c.notNull().defaultTo(1).check(isFlag('persistent')))
    .addColumn('ticket_at', integer, (c) => c.notNull().defaultTo(0))
    .execute()
  await db.schema.createIndex('session_user').on('session').column('user_id').execute()

  // one per user: a later one replaces the one before
  await createKeyedTable(db, 'reset_token')
    .addColumn('user_id', text, (c) => c.primaryKey().references('user.id'))
    .addColumn('token_hash', bytes, (c) => c.notNull().unique())
    .addColumn('method', text, (c) => c.notNull().check(sql`method in ('question', 'key', 'link', 'owner')`))
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('expires_at', integer, (c) => c.notNull())
    .execute()

  await createTable(db, 'token')
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('token_hash', bytes, (c) => c.notNull().unique())
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('scope', text, (c) => c.notNull().check(sql`scope in ('read', 'write')`))
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('used_at', integer)
    .addColumn('expires_at', integer)
    .execute()
  await db.schema.createIndex('token_user').on('token').column('user_id').execute()
}

async function createChats(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, createTable, isFlag } = schema
  await createTable(db, 'chat')
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('kind', text, (c) => c.notNull().check(sql`kind in ('direct', 'group')`))
    .addColumn('name', text)
    .addColumn('visibility', text, (c) => c.notNull().check(sql`visibility in ('public', 'private')`))
    .addColumn('posting', text, (c) =>
      c
        .notNull()
        .defaultTo('all')
        .check(sql`posting in ('all', 'admins')`),
    )
    .addColumn('adding', text, (c) =>
      c
        .notNull()
        .defaultTo('admins')
        .check(sql`adding in ('all', 'admins')`),
    )
    .addColumn('for_everyone', integer, (c) => c.notNull().defaultTo(0).check(isFlag('for_everyone')))
    .addColumn('topic', text)
    .addColumn('picture', text)
    .addColumn('picture_digest', text)
    .addColumn('direct_key', text, (c) => c.unique())
    .addColumn('member_count', integer, (c) => c.notNull().check(sql`member_count >= 0`))
    .addColumn('head', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('last_no', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('updated_at', integer, (c) => c.notNull())
    .addColumn('created_by', text, (c) => c.notNull().references('user.id'))
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('archived_at', integer)
    .addColumn('deleted_at', integer)
    .addColumn('deleted_by_hub', integer, (c) => c.notNull().defaultTo(0).check(isFlag('deleted_by_hub')))
    // a chat without a name is found again by its members
    .addCheckConstraint('chat_has_key_or_name', sql`(direct_key is null) = (name is not null)`)
    .addCheckConstraint('chat_direct_has_no_name', sql`kind = 'group' or name is null`)
    .addCheckConstraint('chat_unnamed_is_private', sql`name is not null or visibility = 'private'`)
    .addCheckConstraint('chat_for_everyone_is_public', sql`for_everyone = 0 or visibility = 'public'`)
    .addCheckConstraint('chat_picture_has_digest', sql`(picture is null) = (picture_digest is null)`)
    .addCheckConstraint(
      'chat_picture_digest_length',
      sql`picture_digest is null or length(picture_digest) = 64`,
    )
    .execute()
  await db.schema
    .createIndex('chat_public')
    .on('chat')
    .column('visibility')
    .where(sql<boolean>`visibility = 'public'`)
    .execute()
  await db.schema
    .createIndex('one_group_for_everyone')
    .unique()
    .on('chat')
    .column('for_everyone')
    .where(sql<boolean>`for_everyone = 1`)
    .execute()
  await db.schema
    .createIndex('chat_deleted')
    .on('chat')
    .column('deleted_at')
    .where(sql<boolean>`deleted_at is not null`)
    .execute()
}

async function createMemberships(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, bytes, createTable, createKeyedTable, isFlag } = schema
  await createKeyedTable(db, 'membership')
    .addColumn('chat_id', text, (c) => c.notNull().references('chat.id'))
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('role', text, (c) => c.notNull().check(sql`role in ('owner', 'admin', 'member')`))
    .addColumn('joined_at', integer, (c) => c.notNull())
    .addColumn('read_no', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('delivered_no', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('read_at', integer)
    .addColumn('read_before_no', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('delivered_at', integer)
    .addColumn('delivered_before_no', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('muted', integer, (c) => c.notNull().defaultTo(0).check(isFlag('muted')))
    .addColumn('notify', text, (c) =>
      c
        .notNull()
        .defaultTo('default')
        .check(sql`notify in ('default', 'all', 'mentions', 'none')`),
    )
    .addColumn('archived_for_me_no', integer)
    .addColumn('unread_from', integer, (c) => c.check(sql`unread_from > 0`))
    .addColumn('added_by', text, (c) => c.references('user.id'))
    .addPrimaryKeyConstraint('membership_key', ['chat_id', 'user_id'])
    .execute()
  await db.schema.createIndex('membership_user').on('membership').column('user_id').execute()
  await db.schema
    .createIndex('one_chat_owner')
    .unique()
    .on('membership')
    .column('chat_id')
    .where(sql<boolean>`role = 'owner'`)
    .execute()

  // deleted with its group, when the rows of that are deleted
  await createTable(db, 'webhook')
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('chat_id', text, (c) => c.notNull().references('chat.id').onDelete('cascade'))
    .addColumn('user_id', text, (c) => c.notNull().unique().references('user.id'))
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('secret_hash', bytes, (c) => c.notNull())
    .addColumn('created_by', text, (c) => c.notNull().references('user.id'))
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('used_at', integer)
    .execute()
  await db.schema.createIndex('webhook_chat').on('webhook').column('chat_id').execute()
}

async function createMessages(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, bytes, createTable, numbered } = schema
  // two unique keys carry the guarantees: a number is unique in a chat or thread, and a cid is unique for
  // its author
  await createTable(db, 'message')
    .addColumn('n', integer, numbered)
    .addColumn('id', text, (c) => c.notNull().unique())
    .addColumn('chat_id', text, (c) => c.notNull().references('chat.id'))
    // '' for a message of the chat itself: nulls would all be different in the unique constraint
    .addColumn('thread', text, (c) => c.notNull().defaultTo(''))
    .addColumn('no', integer, (c) => c.notNull().check(sql`no > 0`))
    .addColumn('seq', integer, (c) => c.notNull().check(sql`seq > 0`))
    .addColumn('rev', integer, (c) => c.notNull().check(sql`rev >= seq`))
    .addColumn('cid', text, (c) => c.notNull())
    .addColumn('author_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('text', text, (c) => c.notNull())
    .addColumn('digest', bytes, (c) => c.notNull())
    .addColumn('at', integer, (c) => c.notNull())
    .addColumn('edited_at', integer)
    .addColumn('edit_seq', integer)
    .addColumn('deleted_at', integer)
    .addColumn('reply_to', text)
    .addColumn('reaction_count', integer, (c) =>
      c
        .notNull()
        .defaultTo(0)
        .check(sql`reaction_count >= 0`),
    )
    .addColumn('reply_count', integer, (c) =>
      c
        .notNull()
        .defaultTo(0)
        .check(sql`reply_count >= 0`),
    )
    .addColumn('thread_last_no', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('thread_at', integer)
    .addColumn('pinned_at', integer)
    .addColumn('pinned_by', text, (c) => c.references('user.id'))
    .addUniqueConstraint('message_number', ['chat_id', 'thread', 'no'])
    .addCheckConstraint('message_edit_has_seq', sql`(edit_seq is null) = (edited_at is null)`)
    .addCheckConstraint('message_thread_last_no', sql`thread_last_no >= reply_count`)
    .addCheckConstraint('message_reply_has_no_thread', sql`thread = '' or thread_last_no = 0`)
    .execute()
  // a client that sends again may write the key in other letters
  await db.schema
    .createIndex('message_cid')
    .unique()
    .on('message')
    .expression(sql`author_id, lower(cid)`)
    .execute()
  await db.schema
    .createIndex('message_pinned')
    .on('message')
    .columns(['chat_id', 'pinned_at'])
    .where(sql<boolean>`pinned_at is not null`)
    .execute()
}

/** What users have done with a message. */
async function createMessageMarks(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, createTable, createKeyedTable, isFlag, numbered } = schema
  await createKeyedTable(db, 'mention')
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('chat_id', text, (c) => c.notNull().references('chat.id'))
    .addColumn('no', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('mention_key', ['user_id', 'chat_id', 'no'])
    .execute()
  await db.schema.createIndex('mention_chat').on('mention').column('chat_id').execute()

  await createKeyedTable(db, 'reply_mention')
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('chat_id', text, (c) => c.notNull().references('chat.id'))
    .addColumn('thread', text, (c) => c.notNull().references('message.id').onDelete('cascade'))
    .addColumn('no', integer, (c) => c.notNull().check(sql`no > 0`))
    .addPrimaryKeyConstraint('reply_mention_key', ['user_id', 'chat_id', 'thread', 'no'])
    .execute()
  await db.schema.createIndex('reply_mention_reply').on('reply_mention').columns(['thread', 'no']).execute()

  await createKeyedTable(db, 'reaction')
    .addColumn('message_id', text, (c) => c.notNull().references('message.id').onDelete('cascade'))
    .addColumn('emoji', text, (c) => c.notNull())
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('seq', integer, (c) => c.notNull().check(sql`seq > 0`))
    .addPrimaryKeyConstraint('reaction_key', ['message_id', 'emoji', 'user_id'])
    .execute()

  await createKeyedTable(db, 'hidden_message')
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('message_id', text, (c) => c.notNull().references('message.id').onDelete('cascade'))
    .addColumn('at', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('hidden_message_key', ['user_id', 'message_id'])
    .execute()
  await db.schema.createIndex('hidden_message_message').on('hidden_message').column('message_id').execute()

  await createKeyedTable(db, 'saved_message')
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('message_id', text, (c) => c.notNull().references('message.id').onDelete('cascade'))
    .addColumn('at', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('saved_message_key', ['user_id', 'message_id'])
    .execute()
  await db.schema.createIndex('saved_message_order').on('saved_message').columns(['user_id', 'at']).execute()
  await db.schema.createIndex('saved_message_message').on('saved_message').column('message_id').execute()

  await createTable(db, 'activity')
    .addColumn('n', integer, numbered)
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('kind', text, (c) =>
      c.notNull().check(sql`kind in ('mention', 'reply', 'reaction', 'keyword')`),
    )
    .addColumn('chat_id', text, (c) => c.notNull().references('chat.id'))
    .addColumn('message_id', text, (c) => c.notNull().references('message.id').onDelete('cascade'))
    .addColumn('by_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('emoji', text, (c) => c.notNull().defaultTo(''))
    .addColumn('at', integer, (c) => c.notNull())
    .addColumn('read_at', integer)
    .addUniqueConstraint('activity_of_user', ['user_id', 'message_id', 'by_id', 'emoji'])
    .addCheckConstraint('activity_reaction_has_emoji', sql`(kind = 'reaction') = (emoji <> '')`)
    .execute()
  await db.schema.createIndex('activity_user').on('activity').columns(['user_id', 'n']).execute()
  await db.schema.createIndex('activity_message').on('activity').column('message_id').execute()
  await db.schema.createIndex('activity_at').on('activity').column('at').execute()

  await createKeyedTable(db, 'keyword')
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('word', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('keyword_key', ['user_id', 'word'])
    .execute()

  await createKeyedTable(db, 'pending_deletion')
    .addColumn('message_id', text, (c) => c.primaryKey().references('message.id').onDelete('cascade'))
    .addColumn('by_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('text', text, (c) => c.notNull())
    .addColumn('until', integer, (c) => c.notNull())
    .execute()

  await createKeyedTable(db, 'thread_follower')
    .addColumn('thread', text, (c) => c.notNull().references('message.id').onDelete('cascade'))
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('following', integer, (c) => c.notNull().defaultTo(1).check(isFlag('following')))
    .addColumn('read_no', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('read_at', integer)
    .addColumn('read_before_no', integer, (c) => c.notNull().defaultTo(0))
    .addColumn('last_no', integer, (c) => c.notNull().defaultTo(0))
    .addPrimaryKeyConstraint('thread_follower_key', ['thread', 'user_id'])
    .execute()
  await db.schema.createIndex('thread_follower_user').on('thread_follower').column('user_id').execute()
}

async function createFiles(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, createTable, isFlag } = schema
  const digest = (column: string) =>
    sql<boolean>`${sql.ref(column)} is null or length(${sql.ref(column)}) = 64`
  // an upload has no digest yet; a file of a message has its position there
  await createTable(db, 'file')
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('user_id', text, (c) => c.notNull().references('user.id'))
    .addColumn('message_id', text, (c) => c.references('message.id').onDelete('cascade'))
    .addColumn('chat_id', text, (c) => c.references('chat.id'))
    .addColumn('seq', integer)
    .addColumn('position', integer)
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('type', text, (c) => c.notNull())
    .addColumn('size', integer, (c) => c.notNull().check(sql`size >= 0`))
    .addColumn('received', integer, (c) =>
      c
        .notNull()
        .defaultTo(0)
        .check(sql`received between 0 and size`),
    )
    .addColumn('writer', text, (c) => c.notNull().defaultTo(''))
    .addColumn('suffix', text, (c) => c.notNull().defaultTo(''))
    .addColumn('digest', text, (c) => c.check(digest('digest')))
    .addColumn('width', integer, (c) => c.check(sql`width > 0`))
    .addColumn('height', integer, (c) => c.check(sql`height > 0`))
    .addColumn('duration', integer, (c) => c.check(sql`duration >= 0`))
    .addColumn('moves', integer, (c) => c.notNull().defaultTo(0).check(isFlag('moves')))
    .addColumn('preview_owed', integer, (c) => c.notNull().defaultTo(0).check(isFlag('preview_owed')))
    .addColumn('list_digest', text, (c) => c.check(digest('list_digest')))
    .addColumn('screen_digest', text, (c) => c.check(digest('screen_digest')))
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('touched_at', integer, (c) => c.notNull())
    .addCheckConstraint('file_digest_when_received', sql`digest is null or received = size`)
    .addCheckConstraint(
      'file_owes_preview_when_received',
      sql`preview_owed = 0 or (digest is not null and list_digest is null)`,
    )
    .addCheckConstraint('file_in_message_has_digest', sql`message_id is null or digest is not null`)
    .addCheckConstraint('file_in_message_has_chat', sql`(message_id is null) = (chat_id is null)`)
    .addCheckConstraint('file_in_message_has_seq', sql`(message_id is null) = (seq is null)`)
    .addCheckConstraint('file_in_message_has_position', sql`(message_id is null) = (position is null)`)
    .execute()
  const indexes: [name: string, columns: string[], where?: string][] = [
    ['file_message', ['message_id', 'position'], 'message_id is not null'],
    ['file_chat', ['chat_id', 'seq'], 'chat_id is not null'],
    ['file_user', ['user_id', 'message_id']],
    ['file_touched', ['touched_at'], 'message_id is null'],
    ['file_digest', ['digest'], 'digest is not null'],
    ['file_list_digest', ['list_digest'], 'list_digest is not null'],
    ['file_screen_digest', ['screen_digest'], 'screen_digest is not null'],
    ['file_preview_owed', ['created_at'], 'preview_owed = 1'],
  ]
  for (const [name, columns, where] of indexes) {
    const index = db.schema.createIndex(name).on('file').columns(columns)
    await (where === undefined ? index : index.where(sql.raw<boolean>(where))).execute()
  }
}

/** Contents whose row was deleted: server/files/file-removal.ts removes the file, unless another row refers to it. */
async function createReleasedFiles(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, createKeyedTable, noteReleased } = schema
  await createKeyedTable(db, 'released_file')
    .addColumn('digest', text, (c) => c.primaryKey())
    // in ms; counts where several processes share the files
    .addColumn('at', integer, (c) => c.notNull().defaultTo(0))
    .execute()
  await noteReleased(db, 'file', ['digest', 'list_digest', 'screen_digest'])
  await noteReleased(db, 'user', ['avatar_digest'])
  await noteReleased(db, 'chat', ['picture_digest'])
}

/** What users have not sent yet, in each chat and thread (thread '': the chat itself). */
async function createDrafts(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, createTable } = schema
  await createTable(db, 'draft')
    .addColumn('user_id', text, (c) => c.notNull())
    .addColumn('chat_id', text, (c) => c.notNull())
    .addColumn('thread', text, (c) => c.notNull())
    .addColumn('text', text, (c) => c.notNull())
    .addColumn('version', text, (c) => c.notNull().check(sql`length(version) between 1 and 512`))
    .addColumn('at', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('draft_key', ['user_id', 'chat_id', 'thread'])
    .addForeignKeyConstraint(
      'draft_membership',
      ['chat_id', 'user_id'],
      'membership',
      ['chat_id', 'user_id'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createIndex('draft_cleared')
    .on('draft')
    .column('at')
    .where(sql.raw<boolean>("text = ''"))
    .execute()
  // the message that a draft became: another device may send the same one once more
  await createTable(db, 'sent_draft')
    .addColumn('user_id', text, (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('chat_id', text, (c) => c.notNull())
    .addColumn('thread', text, (c) => c.notNull())
    .addColumn('version', text, (c) => c.notNull().check(sql`length(version) between 1 and 512`))
    .addColumn('message_id', text, (c) => c.notNull().references('message.id').onDelete('cascade'))
    .addColumn('at', integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('sent_draft_key', ['user_id', 'chat_id', 'thread', 'version'])
    .execute()
  await db.schema.createIndex('sent_draft_message').on('sent_draft').column('message_id').execute()
  await db.schema.createIndex('sent_draft_at').on('sent_draft').column('at').execute()
}

/** How much users have stored lately, so that a restart gives nobody a new budget. */
async function createTextBudgets(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, createTable } = schema
  await createTable(db, 'text_budget')
    .addColumn('user_id', text, (c) => c.primaryKey().notNull().references('user.id').onDelete('cascade'))
    .addColumn('used', integer, (c) => c.notNull())
    .addColumn('at', integer, (c) => c.notNull())
    .addColumn('reached_at', integer)
    .execute()
}

async function createStreams(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, bytes, createTable, createKeyedTable, isJson, makeAppendOnly } = schema
  await createKeyedTable(db, 'entry')
    .addColumn('stream', text, (c) => c.notNull())
    .addColumn('seq', integer, (c) => c.notNull().check(sql`seq > 0`))
    .addColumn('type', text, (c) => c.notNull())
    .addColumn('at', integer, (c) => c.notNull())
    .addColumn('by_id', text)
    .addColumn('target', text)
    .addColumn('data', text, (c) => c.check(isJson('data')))
    .addPrimaryKeyConstraint('entry_key', ['stream', 'seq'])
    .execute()
  await schema.indexEntriesByTime(db)

  await createTable(db, 'audit')
    .addColumn('id', integer, (c) => c.primaryKey())
    .addColumn('at', integer, (c) => c.notNull())
    .addColumn('action', text, (c) => c.notNull())
    .addColumn('by_id', text)
    .addColumn('target', text)
    .addColumn('address', text)
    .addColumn('detail', text, (c) => c.check(isJson('detail')))
    .addColumn('hash', bytes, (c) => c.notNull())
    .execute()
  await db.schema.createIndex('audit_action').on('audit').columns(['action', 'id']).execute()
  await db.schema.createIndex('audit_by').on('audit').columns(['by_id', 'id']).execute()
  await db.schema.createIndex('audit_at').on('audit').column('at').execute()
  await makeAppendOnly(db, 'audit', 'the audit log is append-only')
}

/** The computers that follow this hub, and where the log of this database ends: server/continuity/. */
async function createContinuity(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, bytes, createTable } = schema
  await createTable(db, 'standby')
    .addColumn('node', text, (c) => c.primaryKey())
    .addColumn('name', text, (c) => c.notNull())
    .addColumn('kind', text, (c) => c.notNull().check(sql`kind in ('standby', 'vote')`))
    .addColumn('key', bytes, (c) => c.notNull())
    .addColumn('granted_by', text, (c) => c.notNull().references('user.id'))
    .addColumn('granted_at', integer, (c) => c.notNull())
    .addColumn('revoked_at', integer)
    .addColumn('grant_sig', text, (c) => c.notNull())
    .execute()
  // about this file alone: it is in no log. Without a chain the log is off
  await createTable(db, 'position')
    .addColumn('id', integer, (c) => c.primaryKey().check(sql`id = 1`))
    .addColumn('term', integer, (c) =>
      c
        .notNull()
        .defaultTo(0)
        .check(sql`term >= 0`),
    )
    .addColumn('lsn', integer, (c) =>
      c
        .notNull()
        .defaultTo(0)
        .check(sql`lsn >= 0`),
    )
    .addColumn('chain', text, (c) => c.check(sql`chain is null or length(chain) = 32`))
    .execute()
  await sql`insert into position (id) values (1)`.execute(db)
}

/**
 * The index is derived from the messages, by the program (server/search/build-index.ts): it is empty here. Everything from
 * `below` up to `through` is in it.
 */
async function createSearch(db: Kysely<unknown>, schema: SchemaBuilder): Promise<void> {
  const { integer, text, createTable, createFullTextIndex, numberedOnce } = schema
  await createFullTextIndex(db)
  // terms that a search can find by a part of them; an id is never reused, so that a reader recognises new terms
  await createTable(db, 'search_term')
    .addColumn('id', integer, numberedOnce)
    .addColumn('term', text, (c) => c.notNull().unique())
    .execute()
  await createTable(db, 'search_state')
    .addColumn('id', integer, (c) => c.primaryKey().check(sql`id = 1`))
    .addColumn('version', text, (c) => c.notNull())
    .addColumn('below', integer, (c) => c.notNull())
    .addColumn('through', integer, (c) => c.notNull().defaultTo(0))
    .execute()
  await sql`insert into search_state (id, version, below, through) values (1, '', 0, 0)`.execute(db)
}
