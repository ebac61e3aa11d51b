package main

import (
	"go.etcd.io/etcd/raft"
	pb "go.etcd.io/etcd/raft/raftpb"
)

// The log as the library reads it: the entries in memory, and of a snapshot only where it stands
// and who its members are. The state itself travels outside the library.
type storage struct {
	*raft.MemoryStorage
	hardState pb.HardState
	start     pb.ConfState // The members at the start.
	manifest  pb.SnapshotMetadata
}

func newStorage() *storage { return &storage{MemoryStorage: raft.NewMemoryStorage()} }

func (s *storage) InitialState() (pb.HardState, pb.ConfState, error) {
	return s.hardState, s.start, nil
}

func (s *storage) Snapshot() (pb.Snapshot, error) {
	if s.manifest.Index == 0 {
		return pb.Snapshot{}, raft.ErrSnapshotTemporarilyUnavailable
	}
	return pb.Snapshot{Metadata: s.manifest}, nil
}

// The log now starts after `metadata.Index`, without entries.
func (s *storage) restart(metadata pb.SnapshotMetadata) error {
	return s.MemoryStorage.ApplySnapshot(pb.Snapshot{Metadata: metadata})
}
