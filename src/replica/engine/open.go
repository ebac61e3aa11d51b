package main

import (
	"go.etcd.io/etcd/raft"
	pb "go.etcd.io/etcd/raft/raftpb"
)

func readMembers(in *reader) pb.ConfState {
	var members pb.ConfState
	for n := in.count(); n > 0 && !in.failed; n-- {
		id, learner := in.u64(), in.u8() != 0
		if learner {
			members.Learners = append(members.Learners, id)
		} else {
			members.Voters = append(members.Voters, id)
		}
	}
	return members
}

func readEntry(in *reader) pb.Entry {
	return pb.Entry{Index: in.u64(), Term: in.u64(), Type: pb.EntryType(in.u8()), Data: in.copy()}
}

// In: u64 self, u32 election ticks, u32 heartbeat ticks, u64 message bytes max, u32 messages in
// flight max; u64 applied, u64 its term, the members then {u64 id, u8 learner}; u64 compacted, u64
// its term, u64 term, u64 vote, u64 commit, entries {u64 index, u64 term, u8 type, blob}.
// Out: nothing.
func (e *engine) open(in *reader) error {
	e.id = in.u64()
	config := raft.Config{
		ID:                        e.id,
		ElectionTick:              int(in.u32()),
		HeartbeatTick:             int(in.u32()),
		MaxSizePerMsg:             in.u64(),
		MaxInflightMsgs:           int(in.u32()),
		PreVote:                   true,
		CheckQuorum:               true,
		ReadOnlyOption:            raft.ReadOnlySafe,
		DisableProposalForwarding: true,
	}
	e.storage = newStorage()
	e.storage.manifest = pb.SnapshotMetadata{Index: in.u64(), Term: in.u64()}
	e.storage.manifest.ConfState = readMembers(in)
	e.storage.start = e.storage.manifest.ConfState
	config.Applied = e.storage.manifest.Index
	compacted := pb.SnapshotMetadata{Index: in.u64(), Term: in.u64()}
	e.storage.hardState = pb.HardState{Term: in.u64(), Vote: in.u64(), Commit: in.u64()}
	var entries []pb.Entry
	for n := in.count(); n > 0 && !in.failed; n-- {
		entries = append(entries, readEntry(in))
	}
	if err := in.finish(); err != nil {
		return err
	}
	if compacted.Index > 0 {
		if err := e.storage.restart(compacted); err != nil {
			return err
		}
	}
	if err := e.storage.Append(entries); err != nil {
		return err
	}
	config.Storage = e.storage
	node, err := raft.NewRawNode(&config)
	e.node = node
	return err
}

// A snapshot of our own is durable, and the entries up to a point at or below it are not needed.
// In: u64 snapshot index, u64 its term, its members, u64 compact up to. Out: u64 term of that.
func (e *engine) compact(in *reader) error {
	manifest := pb.SnapshotMetadata{Index: in.u64(), Term: in.u64()}
	manifest.ConfState = readMembers(in)
	index := in.u64()
	if err := in.finish(); err != nil {
		return err
	}
	e.storage.manifest = manifest
	term, err := e.storage.Term(index)
	if err != nil {
		return err
	}
	if err := e.storage.Compact(index); err != nil && err != raft.ErrCompacted {
		return err
	}
	e.out.u64(term)
	return nil
}
