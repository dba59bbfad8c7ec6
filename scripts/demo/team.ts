/** A workshop that builds and repairs boats, and the conversations of its users. All invented. */

export interface DemoUser {
  username: string
  displayName: string
}

export const users = [
  { username: 'ann', displayName: 'Ann Sommer' },
  { username: 'bo', displayName: 'Bo Lindqvist' },
  { username: 'chiara', displayName: 'Chiara Conti' },
  { username: 'deniz', displayName: 'Deniz Yılmaz' },
  { username: 'emeka', displayName: 'Emeka Obi' },
  { username: 'farah', displayName: 'فرح حداد' },
  { username: 'greta', displayName: 'Greta Weiß' },
  { username: 'hiro', displayName: '田中 浩' },
  { username: 'ines', displayName: 'Inês Duarte' },
  { username: 'jonas', displayName: 'Jonas Müller-Lüdenscheidt' },
  { username: 'katya', displayName: 'Катя Петрова' },
  { username: 'liam', displayName: "Liam O'Connor" },
] as const satisfies readonly DemoUser[]

export type DemoUsername = (typeof users)[number]['username']

export interface DemoGroup {
  name: string
  topic?: string
  visibility: 'public' | 'private'
  owner: DemoUsername
  members: DemoUsername[]
  /** The dialogs that take place in this group. */
  about: string
  /** Number of dialogs a week. */
  perWeek: number
}

const everyone = users.map((person) => person.username).filter((name) => name !== 'ann')

export const groups: DemoGroup[] = [
  {
    name: 'everyone',
    topic: 'What all of us should know',
    visibility: 'public',
    owner: 'ann',
    members: everyone,
    about: 'everyone',
    perWeek: 9,
  },
  {
    name: 'kitchen',
    topic: 'Lunch at half past twelve',
    visibility: 'public',
    owner: 'chiara',
    members: ['ann', 'bo', 'deniz', 'emeka', 'farah', 'greta', 'ines', 'katya'],
    about: 'kitchen',
    perWeek: 14,
  },
  {
    name: 'yard',
    topic: 'Hulls, engines, tides',
    visibility: 'public',
    owner: 'bo',
    members: ['ann', 'emeka', 'hiro', 'jonas', 'liam', 'katya'],
    about: 'yard',
    perWeek: 22,
  },
  {
    name: 'website',
    topic: 'New site goes live in December',
    visibility: 'private',
    owner: 'deniz',
    members: ['ann', 'farah', 'ines', 'chiara'],
    about: 'website',
    perWeek: 16,
  },
  {
    name: 'Orders & invoices',
    visibility: 'private',
    owner: 'ann',
    members: ['greta', 'jonas'],
    about: 'orders',
    perWeek: 10,
  },
  {
    name: '造船チーム',
    visibility: 'public',
    owner: 'hiro',
    members: ['ann', 'bo'],
    about: 'japan',
    perWeek: 5,
  },
  {
    name: 'running',
    topic: 'Tuesdays at six, from the slipway',
    visibility: 'public',
    owner: 'liam',
    members: ['greta', 'katya', 'emeka'],
    about: 'running',
    perWeek: 5,
  },
  {
    name: 'photos',
    topic: 'The good ones only',
    visibility: 'public',
    owner: 'ines',
    members: ['farah', 'hiro'],
    about: 'running',
    perWeek: 2,
  },
]

export const directChats: { pair: [DemoUsername, DemoUsername]; about: string; perWeek: number }[] = [
  { pair: ['ann', 'bo'], about: 'direct', perWeek: 12 },
  { pair: ['ann', 'greta'], about: 'direct', perWeek: 8 },
  { pair: ['ann', 'deniz'], about: 'direct', perWeek: 7 },
  { pair: ['ann', 'farah'], about: 'direct', perWeek: 5 },
  { pair: ['ann', 'hiro'], about: 'direct', perWeek: 4 },
  { pair: ['ann', 'liam'], about: 'direct', perWeek: 3 },
  { pair: ['ann', 'jonas'], about: 'direct', perWeek: 3 },
  { pair: ['bo', 'emeka'], about: 'direct', perWeek: 9 },
  { pair: ['deniz', 'ines'], about: 'direct', perWeek: 8 },
  { pair: ['katya', 'greta'], about: 'direct', perWeek: 6 },
]

/** Values for the placeholders in braces; a dialog keeps the value it drew. */
export const placeholders: Record<string, string[]> = {
  boat: [
    'the Albatros',
    'the Marigold',
    'the Seven Sisters',
    'the old ferry',
    'the blue dinghy',
    'the Kestrel',
    'the harbour tug',
    'the pilot cutter',
  ],
  part: [
    'the stern gland',
    'the bilge pump',
    'the rudder bearing',
    'the fuel filter',
    'the mast step',
    'the port winch',
    'the keel bolts',
    'the exhaust elbow',
  ],
  dish: [
    'lentil soup',
    'lasagne',
    'mushroom risotto',
    'shakshuka',
    'potato salad',
    'jollof rice',
    'fish stew',
    'pumpkin curry',
    'borscht',
    'onigiri',
  ],
  day: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'],
  hour: ['eight', 'half past nine', 'ten', 'noon', 'two', 'quarter past three', 'four'],
  client: [
    'the harbour office',
    'Mrs Almeida',
    'the sailing school',
    'the fire brigade',
    'Nordbank',
    'the film people',
    'the museum',
  ],
  page: [
    'the start page',
    'the price list',
    'the contact form',
    'the photo gallery',
    'the booking calendar',
    'the page about us',
  ],
  number: ['12', '17', '23', '31', '44', '58', '73', '96', '104'],
  sum: ['340', '1,280', '2,950', '4,400', '780', '6,120'],
  place: ['berth 4', 'berth 11', 'the slipway', 'the big hall', 'the paint shed', 'the east quay'],
  weather: ['rain', 'fog', 'a gale from the west', 'sun all day', 'frost', 'drizzle'],
}

/** A dialog: lines of a first, second and third speaker, who are different users each time. */
export const dialogs: Record<string, string[]> = {
  everyone: [
    'a: Good morning all. The crane is booked on {day} from {hour}, so please keep {place} clear.|b: Noted|c: 👍',
    'a: The insurance people come on {day} at {hour}. Nothing to prepare, they only want to see {place}.|b: Will they want the fire log?|a: Yes, it is in the office, top drawer',
    'a: We have {weather} until {day}, says the harbour. Tie down what can fly.|b: The tarpaulin over {boat} is loose on one side|c: I take care of it after lunch|b: Thank you!',
    'a: {boat} is done and paid. Well done everybody 🎉|b: 🎉|c: She looks better than new|a: Photos will follow',
    'a: Who borrowed the torque wrench? I need it on {day}.|b: I did, it is on my bench|a: Found it, thanks',
    'a: Reminder: time sheets until {day}, please.|b: Done|c: Done as well',
    'a: A school class visits on {day} at {hour}, twenty children. Who shows them around?|b: I would love to|c: I can do the second half|a: Wonderful. Helmets are in {place}.',
    'a: @everyone, the internet is down again, the provider says until {hour}.|b: Good that this chat does not care|c: 😄',
    'a: New first-aid boxes are in {place} and in the kitchen.|b: Perfect, the old plasters did not stick any more',
  ],
  kitchen: [
    'a: I am making {dish} today, enough for eight.|b: Count me in!|c: Me too, with pleasure|a: That makes eight already',
    'a: Who finished the oat milk?|b: Guilty. I bring two tomorrow|a: You are forgiven',
    'a: Is anybody going to the market on {day}?|b: Yes, what do you need?|a: Onions, and coffee if they have the good one|b: Will do',
    'a: The dishwasher makes that noise again|b: It is the spoon. It is always the spoon.|a: It was the spoon',
    'a: {dish} or {dish} on {day}?|b: The first|c: Both!|a: Fine, I start early then',
    'a: Fridge is being cleaned at {hour}. What has no name on it goes.|b: The blue box is mine!|a: Saved',
    'a: Lunch is ten minutes late, sorry|b: No problem, we are still at {place}',
    'a: Best {dish} this year, thank you|b: There is some left for tomorrow|c: I would not count on it',
    'a: Coffee machine says "descale". I press it away until {day}.|b: It will have its revenge',
    'a: Cake in the kitchen! It is a small birthday 🎂|b: Happy birthday!!|c: All the best 🎈|a: Thank you, take two',
  ],
  yard: [
    'a: {part} of {boat} is worse than we thought. I can push a screwdriver through it.|b: Can it be welded?|a: Not worth it. New one takes a week|c: I ask in Rotterdam, they may have one on the shelf',
    'a: High water is at {hour} on {day}. We launch {boat} an hour before.|b: I drive the tractor|c: I take the lines|a: Good. Meet at {place}',
    'a: Compression on cylinder 3 of {boat} is at {number} percent|b: Valve or rings?|a: Oil in and it goes up, so rings|b: Then the head comes off. {day}?|a: {day}',
    'a: Where is the big clamp?|b: {place}, behind the ladder|a: Got it',
    'a: Primer on {boat} needs another night, it is too humid for the top coat.|b: We could heat the tent|a: Tried that, then it dries too fast|c: Then tomorrow. Better slow than twice.',
    'a: The client asks if {boat} can be in the water on {day}.|b: If {part} comes tomorrow, yes|c: Tell them the week after and be early|a: I like that',
    'a: Measured the shaft: 0.{number} mm out of true|b: That explains the noise|c: Straighten or replace?|b: Straighten first. I book the press',
    'a: Someone left the compressor on overnight|b: Sorry. Will put a timer on it|a: Good idea, there is one in {place}',
    'a: Survey of {boat} is finished, 14 pages. Short version: {part}, and the wiring.|b: The wiring was from the seventies, I warned them|c: How long?|a: Three weeks with two people',
    'a: Antifouling for {boat}: red or blue?|b: They said "like before", so nobody knows|a: Then red|c: Red is faster 😄',
    'a: Pump test: 40 litres a minute at {hour}, 12 an hour later.|b: Air in the line|a: Found it, the hose clamp at {part}|b: It is always the clamp',
    'a: I need a second pair of hands at {place} for ten minutes|b: Coming',
    'a: Gale warning for {day}. Double lines on everything at {place}, please.|b: Done on the north side|c: South side too|a: Thanks, sleep well',
  ],
  website: [
    'a: {page} is up on the test machine. What do you think?|b: The photo is beautiful. The text is long.|c: Agree, half of it can go|a: I cut it and show you again at {hour}',
    'a: Form sends twice when one clicks fast|b: I disable the button while it sends|a: And on the server?|b: A key for each form. Same key, same answer.|a: 👏',
    'a: Can we have {page} in Portuguese by {day}?|b: Yes, if the English text does not change any more|a: It is frozen. Cross my heart.',
    'a: On my old phone {page} jumps while the pictures load|b: They have no width and height. Give me an hour|b: Fixed, please look again|a: Calm as a lake',
    'a: Contrast of the grey text is 3.1, it should be 4.5|b: Darker grey then|c: #595959 gives 7|a: Looks good too',
    'a: Issue {number}: the date picker thinks the week begins on Sunday|b: Only with the American setting|a: Mrs Almeida has that setting and books on the wrong day|b: Then it is a bug 😅',
    'a: Here is the part that decides:\n```ts\nif (tide > draft + 0.3) {\n  // never on a Friday\n  launch(boat)\n}\n```\nWho tests it?|b: I do, on {day}|c: Please with the real tide table',
    'a: Down from 2.4 MB to 310 KB on {page}|b: How?|a: The photos were 6000 pixels wide|c: 🙈',
    'a: {client} wants their logo bigger|b: Everybody wants their logo bigger|a: I make it 10 % bigger and say nothing',
    'a: Release on **{day} at {hour}**?|b: Fine for me|c: Backup first, please: `npm run hub -- backup`|a: Always',
    'a: What is left for {day}:\n- {page}, *both* languages\n- ~~the logo~~ done\n- ask @ann about the prices|b: I take the first|a: > the first\nThank you!',
  ],
  orders: [
    'a: Invoice {number} to {client} is out, {sum} euros.|b: Thank you. The one before is still open.|a: I call them on {day}',
    'a: {client} asks for an offer for {boat}|b: What did we say last year?|a: {sum}, without {part}|b: Then add eight percent',
    'a: The steel for {boat} costs {sum} now|b: That was half a year ago half of it|c: Order today, it will not get cheaper|a: Ordered',
    'a: Delivery on {day} between {hour} and never, as always|b: I stay until they come',
    'a: {client} has paid. Finally.|b: Finally!|c: I take them off the list',
    'a: Do we still need the storage in {place}?|b: Until {day}|a: Then I tell them end of the month',
  ],
  japan: [
    'a: おはようございます。{number}番の図面を送りました。|b: ありがとうございます、午後に確認します',
    'a: 来週の打ち合わせは金曜日でいいですか?|b: Friday is fine for me, 10:00?|a: 十時でお願いします|c: I join from the yard',
    'a: 塗料のサンプルが届きました|b: Which one do you like best?|a: 二番目です。海の色に近いです',
    'a: 写真を見ました、きれいですね!|b: どうもありがとう 😊',
  ],
  running: [
    'a: Who runs on Tuesday? {weather} is forecast.|b: I am in|c: Me too, slowly|a: Slow is fine',
    'a: 8.{number} km today, and the light was unreal|b: Jealous. I was under {boat}',
    'a: My knee says no this week|b: Get well soon!|c: We keep a place for you at the coffee afterwards',
    'a: New best time for the lighthouse and back: {number} minutes|b: 🏅|c: With or without the dog?|a: Because of the dog',
  ],
  direct: [
    'a: Do you have five minutes at {hour}?|b: Yes, at {place}?|a: Perfect',
    'a: Did {client} call?|b: Yes, they are happy with {boat}|a: Great. Anything about {part}?|b: Not a word|a: Then neither from us 😉',
    'a: Can you send me the list for {day}?|b: One minute|b: It is in your tray|a: Thank you!',
    'a: I am ten minutes late, tractor on the road|b: No hurry',
    'a: What do you think of {dish} for the farewell?|b: Yes! And something sweet|a: I ask Chiara',
    'a: Could you look at {part} of {boat} before you go? I have a bad feeling.|b: Looked. Your feeling is right.|a: Hm|b: We can do it on {day}, I have moved the other thing|a: You are the best',
    'a: Key for {place}?|b: On the hook|a: 👍',
    'a: Thanks for today, that was a lot|b: It was. Good team though',
    'a: Offer for {client}: {sum}. Too much?|b: Too little. They asked three times.|a: Then {sum} and a smile',
    'a: Home safe?|b: Yes, and wet. {weather} the whole way|a: Tea!',
  ],
}
