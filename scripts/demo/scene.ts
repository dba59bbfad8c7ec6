import type { DemoUsername } from './team.ts'

/** One afternoon in the group that builds the new site: with code, reactions, a reply, a thread and a pin. */
export interface SceneMessage {
  by: DemoUsername
  text: string
  reactions?: [emoji: string, ...by: DemoUsername[]][]
  /** Replies to the message this many places before, and quotes it. */
  quotes?: number
  thread?: { by: DemoUsername; text: string }[]
  isPinned?: boolean
}

export const scene: { group: string; messages: SceneMessage[] } = {
  group: 'website',
  messages: [
    {
      by: 'deniz',
      text: '**Launch list** for the new site:\n- texts by *Farah*, until Monday\n- pictures of the yard, `1600 px` wide\n- old addresses lead to the new ones',
      reactions: [['👍', 'ann', 'farah', 'ines']],
      isPinned: true,
    },
    {
      by: 'ines',
      text: 'The old price list is still linked from the harbour’s page: https://harbour.example/berths',
    },
    {
      by: 'farah',
      text: 'Then we answer its address ourselves. @deniz like this?\n```ts\nroutes.get("/preise.html", (_request, reply) =>\n  reply.redirect("/prices", 301), // the harbour never changes a link\n)\n```',
      reactions: [
        ['🎉', 'deniz', 'ines'],
        ['⛵', 'chiara'],
      ],
      thread: [
        { by: 'deniz', text: 'Exactly like this. Who tells the harbour all the same?' },
        { by: 'ann', text: 'I do, I have lunch with them on Thursday.' },
        { by: 'farah', text: 'Then I take it off the list ⛵' },
      ],
    },
    {
      by: 'chiara',
      text: 'A 404 with a boat that has run aground would be lovely too',
      reactions: [['😄', 'ann', 'deniz', 'farah', 'ines']],
    },
    {
      by: 'deniz',
      text: 'Drawn over the weekend. Nobody will want to find the right page any more.',
      quotes: 1,
    },
  ],
}
