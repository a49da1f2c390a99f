public import Glibc

// The system's calls that take a path, for paths as text. Where this room is imported they win over those that take C
// strings, to which Swift would turn a text as it is.

private func withPath<Result>(_ path: String, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  guard PathText.hasBytes(path) else { return path.withCString(body) }
  return (PathText.bytes(path) + [0]).withUnsafeBufferPointer { bytes in
    bytes.withMemoryRebound(to: CChar.self) { characters in
      // There is the closing zero at least.
      guard let start = characters.baseAddress else { return path.withCString(body) }
      return body(start)
    }
  }
}

public func open(_ path: String, _ flags: Int32) -> Int32 { withPath(path) { Glibc.open($0, flags) } }

public func open(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  withPath(path) { Glibc.open($0, flags, mode) }
}

public func fopen(_ path: String, _ mode: String) -> UnsafeMutablePointer<FILE>? {
  withPath(path) { Glibc.fopen($0, mode) }
}

public func opendir(_ path: String) -> OpaquePointer? { withPath(path) { Glibc.opendir($0) } }

public func stat(_ path: String, _ status: UnsafeMutablePointer<stat>) -> Int32 {
  withPath(path) { fstatat(AT_FDCWD, $0, status, 0) }
}

public func lstat(_ path: String, _ status: UnsafeMutablePointer<stat>) -> Int32 {
  withPath(path) { Glibc.lstat($0, status) }
}

public func access(_ path: String, _ mode: Int32) -> Int32 { withPath(path) { Glibc.access($0, mode) } }

@discardableResult
public func mkdir(_ path: String, _ mode: mode_t) -> Int32 { withPath(path) { Glibc.mkdir($0, mode) } }

@discardableResult
public func rmdir(_ path: String) -> Int32 { withPath(path) { Glibc.rmdir($0) } }

@discardableResult
public func unlink(_ path: String) -> Int32 { withPath(path) { Glibc.unlink($0) } }

@discardableResult
public func chmod(_ path: String, _ mode: mode_t) -> Int32 { withPath(path) { Glibc.chmod($0, mode) } }

@discardableResult
public func rename(_ old: String, _ new: String) -> Int32 {
  withPath(old) { old in withPath(new) { Glibc.rename(old, $0) } }
}

@discardableResult
public func symlink(_ target: String, _ path: String) -> Int32 {
  withPath(target) { target in withPath(path) { Glibc.symlink(target, $0) } }
}

/// Where a symbolic link points, as it is written; nil for anything else.
public func linkTarget(_ path: String) -> String? {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = withPath(path) { Glibc.readlink($0, &buffer, buffer.count) }
  return count < 0 ? nil : PathText.text(buffer[..<count].map { UInt8(bitPattern: $0) })
}

/// The path from the root, without links; nil for what is not there.
public func resolvedPath(_ path: String) -> String? {
  guard let resolved = withPath(path, { Glibc.realpath($0, nil) }) else { return nil }
  defer { free(resolved) }
  return PathText.text(cString: resolved)
}

/// The current folder; nil where it is gone.
public func currentFolder() -> String? {
  guard let current = getcwd(nil, 0) else { return nil }
  defer { free(current) }
  return PathText.text(cString: current)
}

/// A path from the root, with `.`, `..` and doubled slashes taken out.
public func absolutePath(_ path: String) -> String {
  var full = path
  if !path.hasPrefix("/") {
    guard let current = currentFolder() else { return path }
    full = current + "/" + path
  }
  var parts: [Substring] = []
  for part in full.split(separator: "/") where part != "." {
    if part == ".." { _ = parts.popLast() } else { parts.append(part) }
  }
  return "/" + parts.joined(separator: "/")
}

/// The call's own name, so that it stands in its place.
// swift-format-ignore: AlwaysUseLowerCamelCase
public func inotify_add_watch(_ descriptor: Int32, _ path: String, _ events: UInt32) -> Int32 {
  withPath(path) { Glibc.inotify_add_watch(descriptor, $0, events) }
}

/// Makes a file without a name in TMPDIR, or in /tmp.
///
/// - Returns: its descriptor, which the caller closes; negative where there is no room for one.
public func makeUnnamedFile() -> Int32 {
  var name = temporaryName()
  let descriptor = mkstemp(&name)
  guard descriptor >= 0 else { return descriptor }
  _ = Glibc.unlink(name)
  _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  return descriptor
}

/// Makes a folder of this user alone in TMPDIR, or in /tmp.
///
/// - Returns: its path, or what its path was to be like where `isMade` is false; `errno` says why then.
public func makeTemporaryFolder() -> (path: String, isMade: Bool) {
  var name = temporaryName()
  let isMade = mkdtemp(&name) != nil
  return (PathText.text(name.dropLast().map { UInt8(bitPattern: $0) }), isMade)
}

/// A name below TMPDIR, or /tmp, whose last letters the system chooses; ended by a zero.
private func temporaryName() -> [CChar] {
  let template = (environmentPath("TMPDIR") ?? "/tmp") + "/mtt-tui-XXXXXX"
  return (PathText.bytes(template) + [0]).map { CChar(bitPattern: $0) }
}

/// The user's folder for files of a kind, as the XDG base directories have it: what a variable names, else one in the home
/// folder; nil where neither is a path from the root.
public func userFolder(_ variable: String, inHome name: String) -> String? {
  func absolute(_ variable: String) -> String? { environmentPath(variable).flatMap { $0.hasPrefix("/") ? $0 : nil } }
  return absolute(variable) ?? absolute("HOME").map { $0 + "/" + name }
}

/// An environment variable that holds a path; nil where it is missing or empty.
public func environmentPath(_ name: String) -> String? {
  guard let value = getenv(name), value.pointee != 0 else { return nil }
  return PathText.text(cString: value)
}
