package main

import (
	"fmt"

	"go.etcd.io/etcd/raft"
)

// The library's log lines are dropped: what matters of them is seen in each turn's output. What it
// calls fatal becomes a panic, which the bridge turns into an error.
type silent struct{}

func (silent) Debug(...interface{})            {}
func (silent) Debugf(string, ...interface{})   {}
func (silent) Info(...interface{})             {}
func (silent) Infof(string, ...interface{})    {}
func (silent) Warning(...interface{})          {}
func (silent) Warningf(string, ...interface{}) {}
func (silent) Error(...interface{})            {}
func (silent) Errorf(string, ...interface{})   {}

func (silent) Fatal(v ...interface{})                 { panic(fmt.Sprint(v...)) }
func (silent) Fatalf(format string, v ...interface{}) { panic(fmt.Sprintf(format, v...)) }
func (silent) Panic(v ...interface{})                 { panic(fmt.Sprint(v...)) }
func (silent) Panicf(format string, v ...interface{}) { panic(fmt.Sprintf(format, v...)) }

func init() { raft.SetLogger(silent{}) }
