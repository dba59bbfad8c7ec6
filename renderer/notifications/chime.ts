// Two short notes, made here: a sound file would be one more thing to load, and a hub has none.
const notes = [
  { hertz: 659, atMs: 0 },
  { hertz: 880, atMs: 110 },
]
const noteMs = 240
const volume = 0.06

let context: AudioContext | undefined

/** Plays it if the browser lets this page play sounds, which it may do only after a press. */
export async function playChime(): Promise<void> {
  if (!('AudioContext' in window)) return
  context ??= new AudioContext()
  if (context.state === 'suspended') await context.resume()
  for (const { hertz, atMs } of notes) playNote(context, hertz, context.currentTime + atMs / 1000)
}

function playNote(audio: AudioContext, hertz: number, at: number): void {
  const tone = audio.createOscillator()
  const envelope = audio.createGain()
  tone.frequency.value = hertz
  envelope.gain.setValueAtTime(0, at)
  envelope.gain.linearRampToValueAtTime(volume, at + 0.01)
  envelope.gain.exponentialRampToValueAtTime(0.0001, at + noteMs / 1000)
  tone.connect(envelope).connect(audio.destination)
  tone.start(at)
  tone.stop(at + noteMs / 1000)
}
