/** What --help prints. */
export const usage = `Usage: npm run hub -- [options]
       npm run hub -- backup --to FILE [--data DIR] [--database URL]
       npm run hub -- restore --from FILE --data DIR [--database URL [--files PLACE]]
       npm run hub -- reset-owner --data DIR [--database URL]
       npm run hub -- doctor --data DIR [--database URL] [--repair]
       npm run hub -- grant [--vote] [--yes] --data DIR
       npm run hub -- standby --of LINK --data DIR [--yes] [options]
       npm run hub -- vote --of LINK --data DIR [--yes]
       npm run hub -- deciding-vote [--to hub|standby|third] --data DIR
       npm run hub -- status | handover | promote [--force] [--database URL] --data DIR

Starts a hub and serves its page until you end it with Ctrl+C.

  --data DIR          data directory                       (HUBBUB_DATA)
  --database URL      keeps messages and accounts in a PostgreSQL database, such as
                      postgres://user@host/hubbub: see docs/scaling.md. Only the variable
                      may contain a password               (HUBBUB_DATABASE)
  --cluster           other processes serve the same hub, from the same database
  --identity PATH     with --cluster: the key that all of them share, a file or its folder;
                      the first start of a hub makes it
  --bus URL           what these tell each other goes over Redis or NATS instead of the
                      database: redis://host, nats://host, with TLS rediss://host, tls://host.
                      Only the variable may contain a password (HUBBUB_BUS)
  --files PLACE       with --database: the folder for files, if it is not the data directory, or
                      a bucket: s3://BUCKET/PREFIX?endpoint=URL&region=NAME, with its keys in
                      AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. The processes of a cluster
                      share it                             (HUBBUB_FILES)
  --keep-removed DAYS with --cluster or a bucket: how long a stored file is kept after its last
                      message was deleted, so that a dump of the database that old finds its
                      files; counts for all processes until another is given; at first an hour
                      (HUBBUB_KEEP_REMOVED)
  --drain SECONDS     with --cluster: how long sockets are sent to other processes when this
                      one is asked to end; default 30
  --port N            default 7788; 0 takes any free port  (HUBBUB_PORT)
  --lan               accepts other computers on the local network, over TLS
  --interfaces A,B    the same, on these network interfaces only
  --host H            an address to listen on instead      (HUBBUB_HOST)
                      default 127.0.0.1, this machine only
  --public-url URL    public address, such as https://chat.example.com, if a proxy on
                      this machine provides the certificate
  --trust-proxy A,B   addresses or networks of proxies on other machines
  --tls-cert FILE     your own certificate for that name, followed by its chain,
  --tls-key FILE      and its key, both PEM; reloaded when they change
  --no-browsers       serves the page to this machine only; others need the app
  --allow-plain-http  accepts other computers without encryption too: everyone on the
                      network can read the traffic, and every page says so
  --connections N     live connections of this process; default 2000, and 5000 with --cluster
  --text-per-day MIB  what each user may store within a day, without files; default 64
                      (HUBBUB_TEXT_PER_DAY)
  --backups A,B       folders for a backup each night, or "none"; default: those that the
                      owner has set on the page, at first one in the data directory
                      (HUBBUB_BACKUPS)
  --log FORMAT        text or json; default text at a terminal, else json
  --ops-port N        a port for monitoring, with /metrics, /healthz and /readyz; default none
                      (HUBBUB_OPS_PORT)
  --ops-host H        the address of that port; default 127.0.0.1, another one needs
                      HUBBUB_OPS_TOKEN
  --load-test         no rate limits and cheap password hashing, on this machine only
  --help, --version

  backup       writes database, files and identity into one verified file, even while the hub runs
  restore      restores a backup into an empty directory
  grant        on the hub: lets one computer become its standby, or with --vote its third
               computer, after it has asked with the code; --yes approves without a question
  standby      follows the hub of a link, or of --of https://HOST:PORT --fingerprint ID
               --code CODE, and becomes the hub when its turn comes; --name N names this
               computer. It asks first what this computer agrees to; --yes agrees without a
               question. Once it has joined, "npm run hub" goes on with it
  vote         connects to hub and standby as the third computer, which decides who goes on if
               the two lose each other, and stores nothing of the hub; options as for standby
  deciding-vote  on the hub: says who goes on if hub and standby lose each other; --to gives the
               vote to the hub, the standby or the third computer
  status       says which role the running computer has, and how far its standby is
  handover     gives the hub to the standby that has everything
  promote      on a standby whose hub is gone: makes it the hub; --force even if the hub answers.
               On a hub that waits for other computers: --force goes on without them. With
               --database: makes the hub of a stopped database the hub again, although a
               restored backup of it has taken its place
  reset-owner  creates a link to set a new password for the owner; stop the hub first
  doctor       examines the database, files, index and identity, even while the hub runs, and
               changes nothing; --repair drops a damaged search index, which the hub builds
               again: stop the hub first

HUBBUB_SETUP_CODE   the set-up code, 8 or more characters; generated by default
HUBBUB_OPS_TOKEN    the token for /metrics, 16 or more characters
HUBBUB_LOG          log level on stderr: trace, debug, info (default), warn, error, fatal, silent
`
