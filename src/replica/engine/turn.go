package main

import (
	"encoding/binary"
	"errors"

	"go.etcd.io/etcd/raft"
	pb "go.etcd.io/etcd/raft/raftpb"
	"go.etcd.io/etcd/raft/tracker"
)

const (
	flagAdvance  = 1
	flagCampaign = 2
)

const (
	messageEarly    = 1 // May leave before the disk has answered.
	messageSnapshot = 2
)

// What a turn reports beside the library's Ready.
type refusals struct {
	proposals    uint32
	messages     uint32
	memberChange bool
}

// In: u8 flags, u32 ticks, u64 transfer to; member changes to apply, snapshots sent {u64 to, u8 ok},
// unreachable {u64}, messages {u64 from, blob}, member change to propose (a list of at most one),
// read requests {blob}, proposals {blob}. Out: see writeReady.
func (e *engine) turn(in *reader) error {
	flags, ticks, transfer := in.u8(), in.u32(), in.u64()
	if advance := flags&flagAdvance != 0; advance != e.outstanding {
		return errors.New("a turn must advance exactly the Ready that is outstanding")
	}
	e.applyMemberChanges(in)
	if e.outstanding {
		e.node.Advance(e.ready)
		e.ready, e.outstanding = raft.Ready{}, false
	}
	var refused refusals
	e.stepReports(in)
	e.stepMessages(in, &refused)
	for ; ticks > 0; ticks-- {
		e.node.Tick()
	}
	if flags&flagCampaign != 0 {
		if err := e.node.Campaign(); err != nil {
			return err
		}
	}
	if transfer != 0 && e.isLeader() {
		e.node.TransferLeader(transfer)
	}
	e.propose(in, &refused)
	if err := in.finish(); err != nil {
		return err
	}
	return e.takeReady(&refused)
}

func (e *engine) isLeader() bool { return e.node.BasicStatus().RaftState == raft.StateLeader }

func readChange(in *reader) pb.ConfChange {
	change := pb.ConfChange{Type: pb.ConfChangeAddNode}
	switch in.u8() {
	case 1:
		change.Type = pb.ConfChangeRemoveNode
	case 2:
		change.Type = pb.ConfChangeAddLearnerNode
	}
	change.NodeID = in.u64()
	change.Context = make([]byte, 4)
	binary.LittleEndian.PutUint32(change.Context, in.u32())
	return change
}

// The spelling of a change above the bridge: u8 kind, u64 id, u32 seat. Nothing when the entry is
// none we would write.
func describeChange(data []byte) []byte {
	var change pb.ConfChange
	if change.Unmarshal(data) != nil || len(change.Context) != 4 {
		return nil
	}
	described := make([]byte, 13)
	switch change.Type {
	case pb.ConfChangeAddNode:
	case pb.ConfChangeRemoveNode:
		described[0] = 1
	case pb.ConfChangeAddLearnerNode:
		described[0] = 2
	default:
		return nil
	}
	binary.LittleEndian.PutUint64(described[1:], change.NodeID)
	copy(described[9:], change.Context)
	return described
}

func (e *engine) applyMemberChanges(in *reader) {
	for n := in.count(); n > 0 && !in.failed; n-- {
		if change := readChange(in); !in.failed {
			e.node.ApplyConfChange(change)
		}
	}
}

func (e *engine) stepReports(in *reader) {
	for n := in.count(); n > 0 && !in.failed; n-- {
		to, status := in.u64(), raft.SnapshotFailure
		if in.u8() != 0 {
			status = raft.SnapshotFinish
		}
		e.node.ReportSnapshot(to, status)
	}
	for n := in.count(); n > 0 && !in.failed; n-- {
		e.node.ReportUnreachable(in.u64())
	}
}

func (e *engine) stepMessages(in *reader, refused *refusals) {
	for n := in.count(); n > 0 && !in.failed; n-- {
		from, bytes := in.u64(), in.blob()
		var message pb.Message
		if message.Unmarshal(bytes) != nil || message.From != from || !e.acceptable(&message) {
			refused.messages++
			continue
		}
		// The errors (an unknown peer, a dropped proposal) leave the state as it was.
		if e.node.Step(message) != nil {
			refused.messages++
		}
	}
}

// Whether a peer of ours could have sent this: the library panics on much of what could not be.
func (e *engine) acceptable(m *pb.Message) bool {
	if m.To != e.id || m.From == e.id {
		return false
	}
	switch m.Type {
	case pb.MsgReadIndex, pb.MsgReadIndexResp:
		return len(m.Entries) == 1 && len(m.Entries[0].Data) > 0
	case pb.MsgSnap:
		return m.Term > 0 && m.Snapshot.Metadata.Index > 0 &&
			len(m.Snapshot.Metadata.ConfState.Voters) > 0
	case pb.MsgApp:
		return m.Term > 0 && contiguous(m)
	case pb.MsgAppResp, pb.MsgVote, pb.MsgVoteResp, pb.MsgPreVote, pb.MsgPreVoteResp,
		pb.MsgHeartbeat, pb.MsgHeartbeatResp, pb.MsgTimeoutNow:
		return m.Term > 0 && len(m.Entries) == 0
	}
	return false
}

func contiguous(m *pb.Message) bool {
	term := m.LogTerm
	for i := range m.Entries {
		entry := &m.Entries[i]
		if entry.Index != m.Index+1+uint64(i) || entry.Term < term || entry.Term > m.Term {
			return false
		}
		if entry.Type != pb.EntryNormal && entry.Type != pb.EntryConfChange {
			return false
		}
		term = entry.Term
	}
	return true
}

func (e *engine) propose(in *reader, refused *refusals) {
	for n := in.count(); n > 0 && !in.failed; n-- {
		if change := readChange(in); !in.failed {
			refused.memberChange = e.node.ProposeConfChange(change) != nil
		}
	}
	for n := in.count(); n > 0 && !in.failed; n-- {
		e.node.ReadIndex(in.copy())
	}
	for n := in.count(); n > 0 && !in.failed; n-- {
		data := in.copy()
		// Once one is dropped the later ones are too, so that the accepted ones are the first.
		if refused.proposals > 0 || e.node.Propose(data) != nil {
			refused.proposals++
		}
	}
}

func (e *engine) takeReady(refused *refusals) error {
	term := e.storage.hardState.Term
	if e.node.HasReady() {
		e.ready, e.outstanding = e.node.Ready(), true
		if !raft.IsEmptySnap(e.ready.Snapshot) {
			e.storage.manifest = e.ready.Snapshot.Metadata
			if err := e.storage.restart(e.ready.Snapshot.Metadata); err != nil {
				return err
			}
		}
		if !raft.IsEmptyHardState(e.ready.HardState) {
			e.storage.hardState = e.ready.HardState
		}
		if err := e.storage.Append(e.ready.Entries); err != nil {
			return err
		}
	}
	e.writeReady(term, refused)
	return nil
}

// Out: u8 any, u8 is leader, u8 member change dropped, u64 leader, u64 term, u32 proposals dropped,
// u32 messages refused; hard states (at most one) {u64 term, u64 vote, u64 commit}; snapshots (at
// most one) {u64 index, u64 term}; entries and committed entries {u64 index, u64 term, u8 type,
// blob}; messages {u64 to, u8 flags, u64 snapshot index, blob}; read states {u64 index, blob}.
func (e *engine) writeReady(termBefore uint64, refused *refusals) {
	w, ready, status := &e.out, &e.ready, e.node.BasicStatus()
	leads := status.RaftState == raft.StateLeader
	w.boolean(e.outstanding)
	w.boolean(leads)
	w.boolean(refused.memberChange)
	w.u64(status.Lead)
	w.u64(status.Term)
	w.u32(refused.proposals)
	w.u32(refused.messages)
	if raft.IsEmptyHardState(ready.HardState) {
		w.u32(0)
	} else {
		w.u32(1)
		w.u64(ready.HardState.Term)
		w.u64(ready.HardState.Vote)
		w.u64(ready.HardState.Commit)
	}
	if raft.IsEmptySnap(ready.Snapshot) {
		w.u32(0)
	} else {
		w.u32(1)
		w.u64(ready.Snapshot.Metadata.Index)
		w.u64(ready.Snapshot.Metadata.Term)
	}
	w.u32(uint32(len(ready.Entries)))
	for i := range ready.Entries {
		writeEntry(w, &ready.Entries[i], ready.Entries[i].Data)
	}
	w.u32(uint32(len(ready.CommittedEntries)))
	for i := range ready.CommittedEntries {
		entry := &ready.CommittedEntries[i]
		data := entry.Data
		if entry.Type == pb.EntryConfChange {
			data = describeChange(data)
		}
		writeEntry(w, entry, data)
	}
	w.u32(uint32(len(ready.Messages)))
	for i := range ready.Messages {
		message := &ready.Messages[i]
		writeMessage(w, message, leads && termBefore == status.Term && mayLeaveEarly(ready, message))
	}
	w.u32(uint32(len(ready.ReadStates)))
	for i := range ready.ReadStates {
		w.u64(ready.ReadStates[i].Index)
		w.blob(ready.ReadStates[i].RequestCtx)
	}
}

func writeEntry(w *writer, entry *pb.Entry, data []byte) {
	w.u64(entry.Index)
	w.u64(entry.Term)
	w.u8(uint8(entry.Type))
	w.blob(data)
}

// A leader's entries may travel while its own disk is writing them (Raft dissertation 10.2.1), but
// not the news that they are committed: a sole voter commits what is on no disk yet.
func mayLeaveEarly(ready *raft.Ready, message *pb.Message) bool {
	return message.Type == pb.MsgApp &&
		(len(ready.Entries) == 0 || message.Commit < ready.Entries[0].Index)
}

func writeMessage(w *writer, message *pb.Message, early bool) {
	flags := uint8(0)
	if early {
		flags |= messageEarly
	}
	if message.Type == pb.MsgSnap {
		flags |= messageSnapshot
	}
	w.u64(message.To)
	w.u8(flags)
	w.u64(message.Snapshot.Metadata.Index)
	size := message.Size()
	w.u32(uint32(size))
	if _, err := message.MarshalTo(w.extend(size)); err != nil {
		panic(err)
	}
}

// In: nothing. Out: a list of {u64 id, u64 match, u8 recently active}, empty unless leader.
func (e *engine) peers(in *reader) error {
	if err := in.finish(); err != nil {
		return err
	}
	count := e.out.size
	e.out.u32(0)
	n := uint32(0)
	if e.isLeader() {
		e.node.WithProgress(func(id uint64, _ raft.ProgressType, progress tracker.Progress) {
			if id == e.id {
				return
			}
			e.out.u64(id)
			e.out.u64(progress.Match)
			e.out.boolean(progress.RecentActive)
			n++
		})
	}
	binary.LittleEndian.PutUint32(view(e.out.memory, e.out.size)[count:], n)
	return nil
}
