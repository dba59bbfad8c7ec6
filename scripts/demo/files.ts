import sharp from 'sharp'
import type { DemoUsername } from './team.ts'

/** A few files that the users of the yard share, drawn here so that no real picture is needed. */
export interface SharedFiles {
  group: string
  by: DemoUsername
  text: string
  files: { name: string; bytes: Buffer }[]
}

const partsCsv = [
  'part,count,supplier,due',
  'shackle 8 mm,24,Reimers,2 Dec',
  'teak 20 mm,6,Holzhof,9 Dec',
].join('\n')

// drawn before the hub starts: its process can only open pictures afterwards
export const sharedFiles: SharedFiles[] = [
  {
    group: 'yard',
    by: 'bo',
    text: 'The new mast, seen from the crane',
    files: [{ name: 'mast.jpg', bytes: await harbourJpeg(2400, 1600, 205) }],
  },
  {
    group: 'yard',
    by: 'hiro',
    text: '',
    files: [
      { name: 'morning.jpg', bytes: await harbourJpeg(1600, 1200, 30) },
      { name: 'noon.jpg', bytes: await harbourJpeg(1200, 1600, 190) },
      { name: 'evening.jpg', bytes: await harbourJpeg(1600, 1200, 330) },
    ],
  },
  {
    group: 'yard',
    by: 'katya',
    text: 'Parts we still wait for, and the plan as of today',
    files: [
      { name: 'parts.csv', bytes: Buffer.from(partsCsv) },
      { name: 'deck plan.svg', bytes: Buffer.from(harbourSvg(900, 500, 200)) },
    ],
  },
]

function harbourJpeg(width: number, height: number, hue: number): Promise<Buffer> {
  return sharp(Buffer.from(harbourSvg(width, height, hue)))
    .jpeg({ quality: 82 })
    .toBuffer()
}

function harbourSvg(width: number, height: number, hue: number): string {
  const [w, h] = [width, height]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}">
<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="hsl(${hue} 55% 72%)"/>
<stop offset="1" stop-color="hsl(${hue + 25} 60% 88%)"/></linearGradient></defs>
<rect width="${w}" height="${h}" fill="url(#sky)"/>
<circle cx="${w * 0.72}" cy="${h * 0.28}" r="${h * 0.07}" fill="#fff" opacity="0.8"/>
<rect y="${h * 0.62}" width="${w}" height="${h * 0.38}" fill="hsl(${hue + 10} 35% 38%)"/>
<path d="M${w * 0.18} ${h * 0.7} h${w * 0.42} l-${w * 0.07} ${h * 0.1} h-${w * 0.27} z" fill="hsl(20 45% 28%)"/>
<path d="M${w * 0.37} ${h * 0.7} V${h * 0.16} l${w * 0.19} ${h * 0.47} z" fill="#fff"/>
<path d="M${w * 0.36} ${h * 0.7} V${h * 0.24} l-${w * 0.12} ${h * 0.39} z" fill="#f4ece0"/>
</svg>`
}

/** Uploads a file in one piece by tus. Returns its id. */
export async function uploadFile(url: string, token: string, name: string, bytes: Buffer): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0' }
  const created = await fetch(`${url}/api/files`, {
    method: 'POST',
    headers: {
      ...headers,
      'upload-length': String(bytes.length),
      'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`,
    },
  })
  const id = created.headers.get('location')?.replace('/api/files/', '')
  if (!id) throw new Error(`${name}: ${created.status} ${await created.text()}`)
  const sent = await fetch(`${url}/api/files/${id}`, {
    method: 'PATCH',
    headers: { ...headers, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    body: new Uint8Array(bytes),
  })
  if (!sent.ok) throw new Error(`${name}: ${sent.status} ${await sent.text()}`)
  return id
}
