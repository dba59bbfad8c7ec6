import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { Id, Limit, MessageNumber, ServedFile, strict, Time } from './values.ts'

/** A file as those see it who may read it. */
export const File = Type.Object(
  {
    id: Id,
    name: Type.String({ description: 'without path, controls and direction marks' }),
    type: Type.String({
      description: 'by its content; `application/octet-stream` for whatever is not shown in place',
    }),
    size: Type.Integer({ minimum: 0 }),
    width: Type.Optional(
      Type.Integer({ description: 'of pictures and videos, as they are meant to be seen' }),
    ),
    height: Type.Optional(Type.Integer()),
    duration: Type.Optional(
      Type.Integer({ description: 'milliseconds of sound or video, as its sender measured it' }),
    ),
    preview: Type.Optional(Type.Literal(true, { description: 'there is a smaller picture of it' })),
    moves: Type.Optional(Type.Literal(true, { description: 'a picture that moves' })),
  },
  { ...strict, $id: 'File' },
)
export type File = Static<typeof File>

/** The files of a message in a few words: for a list of chats. */
export const FileSummary = Type.Object(
  { count: Type.Integer(), pictures: Type.Integer(), name: Type.String({ description: 'of the first' }) },
  strict,
)
export type FileSummary = Static<typeof FileSummary>

export const filesList = defineRequest({
  name: 'files.list',
  method: 'GET',
  path: '/api/chats/:chatId/files',
  access: 'member',
  summary:
    'The files of a chat, the newest first, whole messages at a time: all, its pictures and videos (`media`), or the others (`other`). `before` is the `seq` of the last message of a page; `more` says whether it goes on.',
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
    'The file itself, whole or a range of it: one of a message that I can see, or one of mine that is in no message yet.',
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
    'A smaller picture of a picture, without what its camera noted: to fit a conversation (`list`, which is the default) or a screen (`screen`).',
  input: Type.Object(
    { fileId: Id, size: Type.Optional(Type.Union([Type.Literal('list'), Type.Literal('screen')])) },
    strict,
  ),
  output: ServedFile,
})
