package main

/*
#include <stdint.h>
#include <stdlib.h>
*/
import "C"

import (
	"encoding/binary"
	"errors"
	"unsafe"
)

// Integers are little-endian; a blob is a u32 length and its bytes; a list is a u32 count and its
// elements.

var errMalformed = errors.New("the engine was called with malformed input")

func view(memory unsafe.Pointer, size int) []byte {
	if size <= 0 {
		return nil
	}
	return unsafe.Slice((*byte)(memory), size)
}

// Reads memory of C, which is valid only during the call: what is kept must be copied.
type reader struct {
	bytes  []byte
	failed bool
}

func (r *reader) take(size uint64) []byte {
	if r.failed || uint64(len(r.bytes)) < size {
		r.failed = true
		return nil
	}
	taken := r.bytes[:size:size]
	r.bytes = r.bytes[size:]
	return taken
}

func (r *reader) u8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) blob() []byte { return r.take(uint64(r.u32())) }

// The number of elements of a list; none when the input has failed.
func (r *reader) count() uint32 {
	n := r.u32()
	if r.failed {
		return 0
	}
	return n
}

func (r *reader) copy() []byte { return append([]byte(nil), r.blob()...) }

func (r *reader) finish() error {
	if r.failed || len(r.bytes) != 0 {
		return errMalformed
	}
	return nil
}

// Writes memory of C, so that the caller may read it after the call.
type writer struct {
	memory   unsafe.Pointer
	size     int
	capacity int
}

const (
	firstCapacity = 64 << 10
	keptCapacity  = 8 << 20 // A larger answer was an exception: its memory is given back.
)

func (w *writer) reset() {
	w.size = 0
	if w.capacity > keptCapacity {
		w.free()
	}
}

func (w *writer) free() {
	C.free(w.memory)
	*w = writer{}
}

// The next `size` bytes, to be filled by the caller.
func (w *writer) extend(size int) []byte {
	if w.size+size > w.capacity {
		capacity := 2 * w.capacity
		if capacity < firstCapacity {
			capacity = firstCapacity
		}
		for capacity < w.size+size {
			capacity *= 2
		}
		memory := C.realloc(w.memory, C.size_t(capacity))
		if memory == nil {
			panic("out of memory")
		}
		w.memory, w.capacity = memory, capacity
	}
	room := unsafe.Slice((*byte)(w.memory), w.capacity)[w.size : w.size+size]
	w.size += size
	return room
}

func (w *writer) raw(b []byte) { copy(w.extend(len(b)), b) }
func (w *writer) u8(v uint8)   { w.extend(1)[0] = v }
func (w *writer) u32(v uint32) { binary.LittleEndian.PutUint32(w.extend(4), v) }
func (w *writer) u64(v uint64) { binary.LittleEndian.PutUint64(w.extend(8), v) }

func (w *writer) boolean(v bool) {
	if v {
		w.u8(1)
	} else {
		w.u8(0)
	}
}

func (w *writer) blob(b []byte) {
	w.u32(uint32(len(b)))
	w.raw(b)
}
