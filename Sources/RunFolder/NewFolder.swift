/// Whether there is anything at a path.
public func isThere(_ path: String) -> Bool { FileSystem.exists(path) }

/// Writes files into a folder, which is made with those above it; throws if there is something in it already.
public func writeNewFolder(_ files: [CheckpointFile], to path: String) throws(RunFolderError) {
  if FileSystem.exists(path) {
    guard FileSystem.isFolder(path) else {
      throw RunFolderError(kind: .cannotWrite, description: "\(path): is no folder; name one that is new or empty")
    }
    guard FileSystem.names(in: path).isEmpty else {
      throw RunFolderError(
        kind: .cannotWrite, description: "\(path): there is something in it already; name a folder that is new or empty"
      )
    }
  }
  try FileSystem.createFolders(path)
  for file in files {
    switch file.content {
    case .bytes(let bytes): try FileSystem.writeAtomically(bytes, to: path + "/" + file.name)
    case .tensors(let tensors, let metadata):
      try SafetensorsWriter.write(tensors, metadata: metadata, to: path + "/" + file.name)
    }
  }
}
