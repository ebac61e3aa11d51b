// A bridge to etcd's raft library: a consensus state machine behind one C function.
//
// Every call carries one byte buffer down and one up; their formats are in codec.go and are spelled
// a second time in ../engine_raft.cc. A panic of the library never crosses into C: it becomes an
// error with its text, and the engine that panicked answers nothing but that error afterwards.
//
// Threads: engines are independent of each other; one engine is used by one thread at a time.
package main

/*
#include <stdint.h>
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"go.etcd.io/etcd/raft"
)

// Operations of oki_engine_call.
const (
	operationOpen    = 1
	operationTurn    = 2
	operationCompact = 3
	operationPeers   = 4
)

// An engine is one member of a cluster.
type engine struct {
	id          uint64
	node        *raft.RawNode
	storage     *storage
	ready       raft.Ready
	outstanding bool
	out         writer
	broken      error
}

var (
	enginesMutex sync.Mutex
	engines      = map[uint64]*engine{}
	lastHandle   uint64
)

func find(handle uint64) *engine {
	enginesMutex.Lock()
	defer enginesMutex.Unlock()
	return engines[handle]
}

//export oki_engine_new
func oki_engine_new() C.uint64_t {
	enginesMutex.Lock()
	defer enginesMutex.Unlock()
	lastHandle++
	engines[lastHandle] = &engine{}
	return C.uint64_t(lastHandle)
}

//export oki_engine_free
func oki_engine_free(handle C.uint64_t) {
	enginesMutex.Lock()
	defer enginesMutex.Unlock()
	if e := engines[uint64(handle)]; e != nil {
		e.out.free()
		delete(engines, uint64(handle))
	}
}

// The answer lives in memory of C until the next call with the same handle. Gives 0 when it is the
// operation's output, 1 when it is the text of an error.
//
//export oki_engine_call
func oki_engine_call(handle C.uint64_t, operation C.int32_t, in unsafe.Pointer, inSize C.int64_t,
	out *unsafe.Pointer, outSize *C.int64_t) C.int32_t {
	e := find(uint64(handle))
	if e == nil {
		*out, *outSize = nil, 0
		return 1
	}
	e.out.reset()
	err := e.call(int(operation), reader{bytes: view(in, int(inSize))})
	if err != nil {
		e.out.reset()
		e.out.raw([]byte(err.Error()))
	}
	*out, *outSize = e.out.memory, C.int64_t(e.out.size)
	if err != nil {
		return 1
	}
	return 0
}

func (e *engine) call(operation int, in reader) (err error) {
	if e.broken != nil {
		return e.broken
	}
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("the consensus library stopped: %v", reason)
		}
		if err != nil {
			e.broken = err
		}
	}()
	switch operation {
	case operationOpen:
		return e.open(&in)
	case operationTurn:
		return e.turn(&in)
	case operationCompact:
		return e.compact(&in)
	case operationPeers:
		return e.peers(&in)
	}
	return errors.New("no such operation of the engine")
}

func main() {}
