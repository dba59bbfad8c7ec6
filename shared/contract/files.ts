import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Id, Limit, MessageNumber, ServedFile, strict, Time } from './values.ts'

/** A file, for users who may read it. */
export const File = Type.Object(
  {
    id: Id,
    name: Type.String({ description: 'without path, control characters and direction marks' }),
    type: Type.String({
      description:
        'detected from its content; `application/octet-stream` for types that are not displayed inline',
    }),
    size: Type.Integer({ minimum: 0 }),
    width: Type.Optional(Type.Integer({ description: 'pixels of pictures and videos, after rotation' })),
    height: Type.Optional(Type.Integer()),
    duration: Type.Optional(
      Type.Integer({ description: 'milliseconds of audio or video, as the sender measured it' }),
    ),
    preview: Type.Optional(
      Type.Literal(true, { description: 'files.preview returns a smaller picture of it' }),
    ),
    previewPending: Type.Optional(
      Type.Literal(true, {
        description:
          'the hub has not read this picture yet: `attachment.updated` follows, with a preview or, if it cannot be read, without. Until then the size is what the header of the file claims.',
      }),
    ),
    moves: Type.Optional(Type.Literal(true, { description: 'an animated picture' })),
  },
  { ...strict, $id: 'File' },
)
export type File = Static<typeof File>

/** Summary of the files of a message, for lists and quotes. */
export const FileSummary = Type.Object(
  {
    count: Type.Integer(),
    pictures: Type.Integer(),
    name: Type.String({ description: 'name of the first file' }),
  },
  strict,
)
export type FileSummary = Static<typeof FileSummary>

export const filesList = defineRequest({
  name: 'files.list',
  method: 'GET',
  path: '/api/chats/:chatId/files',
  access: 'member',
  summary:
    'The files of a chat, newest first: all, pictures and videos (`media`), or the others (`other`). A page holds the files of whole messages. `before` is the `seq` of the last message of the previous page; `more`: there are further pages.',
  input: Type.Object(
    {
      chatId: Id,
      kind: Type.Optional(Type.Union([Type.Literal('media'), Type.Literal('other')])),
      before: Type.Optional(MessageNumber),
      limit: Type.Optional(Limit),
    },
    strict,
  ),
  output: Type.Object(
    {
      files: Type.Array(
        Type.Object(
          {
            file: File,
            messageId: Id,
            no: Type.Integer(),
            seq: Type.Integer(),
            author: Id,
            at: Time,
          },
          strict,
        ),
      ),
      more: Type.Boolean(),
    },
    strict,
  ),
})

export const filesGet = defineRequest({
  name: 'files.get',
  method: 'GET',
  path: '/api/files/:fileId',
  access: 'member',
  transport: 'http',
  response: 'file',
  summary:
    'Returns a file, whole or a range of it. It must belong to a message that I can see, or be my own upload that is in no message yet.',
  input: Type.Object({ fileId: Id }, strict),
  output: ServedFile,
})

export const filesPreview = defineRequest({
  name: 'files.preview',
  method: 'GET',
  path: '/api/files/:fileId/preview',
  access: 'member',
  transport: 'http',
  response: 'file',
  summary:
    'Returns a preview of a picture, without camera metadata, sized for a conversation (`list`, the default) or for a screen (`screen`).',
  input: Type.Object(
    { fileId: Id, size: Type.Optional(Type.Union([Type.Literal('list'), Type.Literal('screen')])) },
    strict,
  ),
  output: ServedFile,
})
