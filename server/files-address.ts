import path from 'node:path'
import { StartError } from './start-error.ts'

const variable = 'HUBBUB_FILES'
const form = 's3://BUCKET/PREFIX?endpoint=https://host&region=NAME'

/** A bucket of an object store that speaks the protocol of Amazon S3. */
export interface BucketAddress {
  bucket: string
  /** Before each key; empty, or ending with a slash. */
  prefix: string
  /** The URL of the bucket, ending with a slash. */
  url: URL
  region: string
  /** The CA of a certificate that is not a public one. */
  caFile: string | undefined
}

export function isBucket(files: string): boolean {
  return /^s3:/i.test(files)
}

/**
 * Reads the place of the files, from the command line or the environment: a folder or the address of a bucket. The keys of a
 * bucket are in variables of their own, since everybody on a computer can read the command lines of its processes.
 * @throws StartError
 */
export function readFilesAddress(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  { cwd, hasDatabase }: { cwd: string; hasDatabase: boolean },
): { files?: string } {
  const text = given ?? env[variable]
  // the variable may be set for other hubs of the computer too
  if (!text || (!hasDatabase && given === undefined)) return {}
  if (!hasDatabase) {
    throw new StartError(
      '--files is for a hub with a database server: give --database too, or leave it out. A hub with a file has its files in its data directory.',
    )
  }
  if (!isBucket(text)) return { files: path.resolve(cwd, text) }
  parseBucketAddress(text)
  return { files: text }
}

/** @throws StartError */
export function parseBucketAddress(text: string): BucketAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (
    !url ||
    !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname) ||
    url.port !== '' ||
    url.hash !== ''
  ) {
    throw new StartError(`The address of the bucket is not valid: write it as ${form}.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new StartError(
      'The address of a bucket may not contain its keys: put them into the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    )
  }
  const known = ['endpoint', 'region', 'ca']
  const unknown = [...url.searchParams.keys()].find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new StartError(`The address of the bucket has an unknown part "${unknown}": write it as ${form}.`)
  }
  const prefix = url.pathname.replace(/^\/+|\/+$/g, '')
  if (!/^[A-Za-z0-9._/-]*$/.test(prefix) || /(^|\/)\.{0,2}(\/|$)/.test(prefix || 'a')) {
    throw new StartError(
      `The prefix "${prefix}" cannot be used: give letters, digits and the signs . _ - with single slashes between them.`,
    )
  }
  const region = url.searchParams.get('region') ?? 'us-east-1'
  if (!/^[a-z0-9-]{1,40}$/i.test(region)) throw new StartError(`"${region}" is not the name of a region.`)
  return {
    bucket: url.hostname,
    prefix: prefix === '' ? '' : `${prefix}/`,
    url: bucketUrl(url.hostname, region, url.searchParams.get('endpoint')),
    region,
    caFile: url.searchParams.get('ca') ?? undefined,
  }
}

function bucketUrl(bucket: string, region: string, endpoint: string | null): URL {
  if (endpoint === null) {
    const host = `s3.${region}.amazonaws.com`
    // the certificate of the provider is for one name before its own
    return new URL(bucket.includes('.') ? `https://${host}/${bucket}/` : `https://${bucket}.${host}/`)
  }
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const { protocol, pathname, search, username, password } = url ?? {}
  if (!url || !/^https?:$/.test(protocol ?? '') || pathname !== '/' || search || username || password) {
    throw new StartError(
      `The value after ?endpoint= is not an endpoint: give https:// and the host of the object store, without a path.`,
    )
  }
  return new URL(`/${bucket}/`, url)
}
