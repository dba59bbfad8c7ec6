import { type ManagedGroup, requireGroupAdmin } from '../access.ts'
import { type AccessCheck, noAccessCheck, read, write } from '../dispatch.ts'
import { createWebhook, listWebhooks, postWebhookMessage, revokeWebhook } from './webhooks.ts'

const groupAdmin: AccessCheck<ManagedGroup> = (db, viewer, ids) =>
  requireGroupAdmin(db, viewer, ids['chatId'])

export const webhookHandlers = {
  'webhooks.list': read('webhooks.list', groupAdmin, async (hub, _caller, { chatId }) => ({
    hooks: await listWebhooks(hub.reader, chatId),
  })),
  'webhooks.create': write('webhooks.create', groupAdmin, (tx, hub, caller, { name }, chat) =>
    createWebhook(tx, hub, caller, chat, name),
  ),
  'webhooks.revoke': write('webhooks.revoke', groupAdmin, (tx, hub, caller, { webhookId }, chat) =>
    revokeWebhook(tx, hub, caller, chat, webhookId),
  ),
  'webhooks.post': write('webhooks.post', noAccessCheck, postWebhookMessage),
}
