package main

/*
#include <stdint.h>
*/
import "C"

import (
	"math/rand"
	"sync"
	"unsafe"
)

// The layout of the library's own type (raft.go, lockedRand).
type lockedRand struct {
	mutex sync.Mutex
	rand  *rand.Rand
}

// The library draws its election jitter from this package-level source, which it seeds with the
// time. Declared as a plain pointer: its own type would be described twice in the debug data.
//
//go:linkname raftRandom go.etcd.io/etcd/raft.globalRand
var raftRandom unsafe.Pointer

//export oki_engine_seed
func oki_engine_seed(seed C.uint64_t) {
	source := (*lockedRand)(raftRandom)
	source.mutex.Lock()
	defer source.mutex.Unlock()
	source.rand = rand.New(rand.NewSource(int64(seed)))
}
