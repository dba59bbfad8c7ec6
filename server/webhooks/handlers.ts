import { type ManagedGroup, requireGroupAdmin } from '../access/groups.ts'
import { type AccessCheck, noAccessCheck, read, write, defineHandlers } from '../define-handlers.ts'
import { webhookLocks, createWebhook, listWebhooks, postWebhookMessage, revokeWebhook } from './webhooks.ts'

const groupAdmin: AccessCheck<ManagedGroup> = (db, viewer, ids) =>
  requireGroupAdmin(db, viewer, ids['chatId'])

export const webhookHandlers = defineHandlers({
  'webhooks.list': read({
    access: groupAdmin,
    run: async ({ db }, { chatId }) => ({
      webhooks: await listWebhooks(db, chatId),
    }),
  }),
  'webhooks.create': write({
    access: groupAdmin,
    locks: 'hub',
    run: (op, { name }, chat) => createWebhook(op, chat, name),
  }),
  'webhooks.revoke': write({
    access: groupAdmin,
    locks: 'hub',
    run: (op, { webhookId }, chat) => revokeWebhook(op, chat, webhookId),
  }),
  'webhooks.post': write({ access: noAccessCheck, locks: webhookLocks, run: postWebhookMessage }),
})
