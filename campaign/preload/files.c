/*
 * Loaded before a hub by LD_PRELOAD: stands between it and the files below a folder.
 *
 * HUBBUB_FILES_FOLDER   the folder
 * HUBBUB_RECORD_FILE    where all changes go, in order and with all bytes; none if it is missing
 * HUBBUB_RECORD_SKIP    "directories", "log", "points" or "journal": a sync of a directory, of the write-ahead log, of the
 *                       points of backups, or of the journal of a standby does nothing; "errors": a sync that fails
 *                       returns 0
 * HUBBUB_FAULTS_FILE    which calls fail: see `struct faults`. Another process changes it while the hub runs
 *
 * One lock keeps the record in the order in which the calls took effect. A line has an operation, the number of the open
 * file, an offset and a size; then its path or its bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FILES 4096
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int handles[MAX_FILES];
static dev_t devices[MAX_FILES];
static ino_t inodes[MAX_FILES];
static int lastHandle;
static int out = -1;
static const char *folder;
static char isLog[MAX_FILES];
static char isPoints[MAX_FILES];
static char isJournal[MAX_FILES];
static int skipsDirectories;
static int skipsLog;
static int skipsPoints;
static int skipsJournal;
static int hidesErrors;

enum { FULL = 1, READ_ONLY, SLOW, WRITE_ERROR, READ_ERROR, SYNC_ERROR };
enum { READS = 1, WRITES, NAMES, SYNCS };
static struct faults {
  int32_t mode;
  /** Calls that still work. */
  int32_t passes;
  /** Calls that fail then; -1 for all. */
  int32_t failures;
  int32_t delayMicroseconds;
  /** Calls that have failed or waited, written here. */
  int32_t done;
} *faults;

__attribute__((constructor)) static void begin(void) {
  folder = getenv("HUBBUB_FILES_FOLDER");
  const char *faultsFile = getenv("HUBBUB_FAULTS_FILE");
  int fd = faultsFile ? syscall(SYS_openat, AT_FDCWD, faultsFile, O_RDWR | O_CLOEXEC) : -1;
  if (fd >= 0) {
    void *mapped = mmap(0, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) faults = mapped;
    syscall(SYS_close, fd);
  }
  const char *file = getenv("HUBBUB_RECORD_FILE");
  const char *skip = getenv("HUBBUB_RECORD_SKIP");
  skipsDirectories = skip && !strcmp(skip, "directories");
  skipsLog = skip && !strcmp(skip, "log");
  skipsPoints = skip && !strcmp(skip, "points");
  skipsJournal = skip && !strcmp(skip, "journal");
  hidesErrors = skip && !strcmp(skip, "errors");
  if (folder && file) out = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int isOurs(const char *path) {
  return folder && path && !strncmp(path, folder, strlen(folder)) && !strstr(path, "-shm");
}

/* Node closes files without close(), so a socket may have got the number of a file. */
static int isKnown(int fd) {
  if (!folder || fd < 0 || fd >= MAX_FILES || !handles[fd]) return 0;
  struct stat found;
  if (!fstat(fd, &found) && found.st_dev == devices[fd] && found.st_ino == inodes[fd]) return 1;
  handles[fd] = 0;
  return 0;
}

static void put(char op, int handle, int64_t at, const void *bytes, int64_t size) {
  if (out < 0) return;
  char head[80];
  int length = snprintf(head, sizeof head, "%c %d %lld %lld\n", op, handle, (long long)at, (long long)size);
  struct iovec parts[2] = {{head, length}, {(void *)bytes, size}};
  syscall(SYS_writev, out, parts, size > 0 ? 2 : 1);
}

static void putTwo(char op, const char *from, const char *to) {
  char both[8192];
  int length = snprintf(both, sizeof both, "%s%c%s", from, 0, to);
  put(op, 0, 0, both, length);
}

/* Returns the error with which a call has to fail, or 0. */
static int faultOf(int kind) {
  if (!faults) return 0;
  int mode = faults->mode;
  int error = mode == FULL && (kind == WRITES || kind == NAMES) ? ENOSPC
              : mode == READ_ONLY && (kind == WRITES || kind == NAMES) ? EROFS
              : mode == WRITE_ERROR && kind == WRITES ? EIO
              : mode == READ_ERROR && kind == READS ? EIO
              : mode == SYNC_ERROR && kind == SYNCS ? EIO
                                                    : 0;
  int waits = mode == SLOW && (kind == WRITES || kind == SYNCS);
  if (!error && !waits) return 0;
  if (__atomic_fetch_sub(&faults->passes, 1, __ATOMIC_SEQ_CST) > 0) return 0;
  if (faults->failures >= 0 && __atomic_fetch_sub(&faults->failures, 1, __ATOMIC_SEQ_CST) <= 0) return 0;
  __atomic_fetch_add(&faults->done, 1, __ATOMIC_SEQ_CST);
  if (waits) usleep(faults->delayMicroseconds);
  return error;
}

#define FAIL(kind)              \
  do {                          \
    int error = faultOf(kind);  \
    if (error) {                \
      errno = error;            \
      return -1;                \
    }                           \
  } while (0)

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define BEGIN pthread_mutex_lock(&lock)
#define END pthread_mutex_unlock(&lock)

static int opened(int fd, const char *path, int flags) {
  if (fd >= 0 && fd < MAX_FILES) {
    struct stat found;
    handles[fd] = isOurs(path) && !fstat(fd, &found) ? ++lastHandle : 0;
    devices[fd] = found.st_dev;
    inodes[fd] = found.st_ino;
    isLog[fd] = path && strstr(path, "-wal") != NULL;
    isPoints[fd] = path && strstr(path, "/points") != NULL;
    isJournal[fd] = path && strstr(path, "journal") != NULL;
    if (handles[fd]) put(flags & O_CREAT ? (flags & O_TRUNC ? 'T' : 'C') : 'O', handles[fd], 0, path, strlen(path));
  }
  return fd;
}

/* A full disk opens what is there; a read-only one does not open it for writing. */
static int changes(const char *path, int flags) {
  if (!faults || faults->mode == READ_ONLY) return 1;
  return flags & O_TRUNC || (flags & O_CREAT && access(path, F_OK));
}

#define OPENER(name)                                                   \
  int name(const char *path, int flags, ...) {                         \
    va_list rest;                                                      \
    va_start(rest, flags);                                             \
    mode_t mode = va_arg(rest, int);                                   \
    va_end(rest);                                                      \
    REAL(name);                                                        \
    if (isOurs(path) && (flags & (O_CREAT | O_WRONLY | O_RDWR)) && changes(path, flags)) FAIL(NAMES); \
    BEGIN;                                                             \
    int fd = opened(real(path, flags, mode), path, flags);             \
    END;                                                               \
    return fd;                                                         \
  }
OPENER(open)
OPENER(open64)

int close(int fd) {
  REAL(close);
  BEGIN;
  if (isKnown(fd)) handles[fd] = 0;
  int result = real(fd);
  END;
  return result;
}

static int64_t placeOf(int fd) {
  int flags = fcntl(fd, F_GETFL);
  struct stat found;
  if (flags & O_APPEND && !fstat(fd, &found)) return found.st_size;
  return lseek(fd, 0, SEEK_CUR);
}

/* A full disk takes the first part of a write. */
#define FAIL_WRITE(size)                                \
  do {                                                  \
    int error = faultOf(WRITES);                        \
    if (error == ENOSPC && size > 512) size /= 2;       \
    else if (error) {                                   \
      errno = error;                                    \
      return -1;                                        \
    }                                                   \
  } while (0)

ssize_t write(int fd, const void *bytes, size_t size) {
  REAL(write);
  if (!isKnown(fd)) return real(fd, bytes, size);
  FAIL_WRITE(size);
  BEGIN;
  int64_t at = placeOf(fd);
  ssize_t done = real(fd, bytes, size);
  if (done > 0) put('W', handles[fd], at, bytes, done);
  END;
  return done;
}

#define PWRITER(name, offset)                                           \
  ssize_t name(int fd, const void *bytes, size_t size, offset at) {     \
    REAL(name);                                                         \
    if (!isKnown(fd)) return real(fd, bytes, size, at);                 \
    FAIL_WRITE(size);                                                   \
    BEGIN;                                                              \
    ssize_t done = real(fd, bytes, size, at);                           \
    if (done > 0) put('W', handles[fd], at, bytes, done);               \
    END;                                                                \
    return done;                                                        \
  }
PWRITER(pwrite, off_t)
PWRITER(pwrite64, off64_t)

static void putParts(int fd, int64_t at, const struct iovec *parts, int count, ssize_t done) {
  for (int i = 0; i < count && done > 0; i++) {
    ssize_t size = (ssize_t)parts[i].iov_len < done ? (ssize_t)parts[i].iov_len : done;
    put('W', handles[fd], at, parts[i].iov_base, size);
    at += size;
    done -= size;
  }
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(writev);
  if (!isKnown(fd)) return real(fd, parts, count);
  FAIL(WRITES);
  BEGIN;
  int64_t at = placeOf(fd);
  ssize_t done = real(fd, parts, count);
  putParts(fd, at, parts, count, done);
  END;
  return done;
}

#define PWRITEVER(name, offset)                                          \
  ssize_t name(int fd, const struct iovec *parts, int count, offset at) { \
    REAL(name);                                                          \
    if (!isKnown(fd)) return real(fd, parts, count, at);                 \
    FAIL(WRITES);                                                        \
    BEGIN;                                                               \
    ssize_t done = real(fd, parts, count, at);                           \
    putParts(fd, at, parts, count, done);                                \
    END;                                                                 \
    return done;                                                         \
  }
PWRITEVER(pwritev, off_t)
PWRITEVER(pwritev64, off64_t)

#define TRUNCATER(name, offset)                             \
  int name(int fd, offset size) {                           \
    REAL(name);                                             \
    BEGIN;                                                  \
    int result = real(fd, size);                            \
    if (!result && isKnown(fd)) put('S', handles[fd], size, 0, 0); \
    END;                                                    \
    return result;                                          \
  }
TRUNCATER(ftruncate, off_t)
TRUNCATER(ftruncate64, off64_t)

#define SYNCER(name)                                        \
  int name(int fd) {                                        \
    REAL(name);                                             \
    if (!isKnown(fd)) return real(fd);                      \
    struct stat found;                                      \
    if (skipsLog && isLog[fd]) return 0;                    \
    if (skipsPoints && isPoints[fd]) return 0;              \
    if (skipsJournal && isJournal[fd]) return 0;            \
    if (skipsDirectories && !fstat(fd, &found) && S_ISDIR(found.st_mode)) return 0; \
    int error = faultOf(SYNCS);                             \
    BEGIN;                                                  \
    int result = error ? -1 : real(fd);                     \
    put(result ? 'E' : 'F', handles[fd], 0, 0, 0);          \
    END;                                                    \
    if (error) errno = error;                               \
    return hidesErrors ? 0 : result;                        \
  }
SYNCER(fsync)
SYNCER(fdatasync)

int rename(const char *from, const char *to) {
  REAL(rename);
  if (isOurs(to)) FAIL(NAMES);
  BEGIN;
  int result = real(from, to);
  if (!result && isOurs(to)) putTwo('R', from, to);
  END;
  return result;
}

int link(const char *from, const char *to) {
  REAL(link);
  if (isOurs(to)) FAIL(NAMES);
  BEGIN;
  int result = real(from, to);
  if (!result && isOurs(to)) putTwo('L', from, to);
  END;
  return result;
}

#define REMOVER(name)                                       \
  int name(const char *path) {                              \
    REAL(name);                                             \
    if (isOurs(path) && faults && faults->mode == READ_ONLY) FAIL(NAMES); \
    BEGIN;                                                  \
    int result = real(path);                                \
    if (!result && isOurs(path)) put('U', 0, 0, path, strlen(path)); \
    END;                                                    \
    return result;                                          \
  }
REMOVER(unlink)
REMOVER(rmdir)

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  if (isOurs(path)) FAIL(NAMES);
  BEGIN;
  int result = real(path, mode);
  if (!result && isOurs(path)) put('M', 0, 0, path, strlen(path));
  END;
  return result;
}

ssize_t read(int fd, void *bytes, size_t size) {
  REAL(read);
  if (faults && isKnown(fd)) FAIL(READS);
  return real(fd, bytes, size);
}

#define PREADER(name, offset)                                     \
  ssize_t name(int fd, void *bytes, size_t size, offset at) {     \
    REAL(name);                                                   \
    if (faults && isKnown(fd)) FAIL(READS);                       \
    return real(fd, bytes, size, at);                             \
  }
PREADER(pread, off_t)
PREADER(pread64, off64_t)

/* Copies go through read and write, which are recorded. */
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t size, unsigned flags) {
  REAL(copy_file_range);
  if (!isKnown(to)) return real(from, a, to, b, size, flags);
  errno = EXDEV;
  return -1;
}

#include <sys/sendfile.h>
ssize_t sendfile64(int to, int from, off64_t *at, size_t size) {
  REAL(sendfile64);
  if (!isKnown(to)) return real(to, from, at, size);
  errno = EINVAL;
  return -1;
}
