// Kernels for the simulator: from "one thread's program" to "one block's program".
//
// split_barriers turns functions[0], a Kernel, into one of two forms.
//
// Loop form (fibers == false). The body is the program of a whole block. Outside thread_loops ("block level")
// stand only control whose course is the same for all threads of the block, and what that control needs: pure
// ops on parameters, constants, ctaid, ntid, nctaid, and variables of one copy for the block. Barriers are
// gone: a thread_loop ends before the next one begins. The emitter owes:
//   thread_loop      loops over z, y, x (x innermost; with flag 1, over z, x, y) in block_dim; all of a
//   kernel's have the
//                    same flag. The region is one thread's run. sreg
//   tid.* in it are the
//                    loop indices. `return` in it ends this thread's run of this thread_loop only. What
//                    leaves with an error (raise, a failing call or check) sets block->error_thread to the
//                    indices and returns the status from the entry point: the other threads of the block are
//                    not run.
//   return           at block level: the block is done, status 0. An error at block level: error_thread is 0,
//   0, 0. thread_var.get/set  of variable v: an array of each of v's leaves in the memory that
//   cantil_rt_scratch gives, indexed by
//                    the number of the run in the loops' order (so that neighbours in memory run one after
//                    the other). A variable is used either by these ops or by var.get/set, never by both.
//                    (Their memory is nobody else's: noalias.)
//   thread_array     a pointer into the same memory, to imm * (threads of the block) elements; uniform, one
//   per op. var.get/set      one copy, an alloca of the entry function. In a thread_loop they are either
//   variables private to a
//                    run (set before read in each) or reads of block-level ones; the exceptions are variables
//                    named
//                    ".any", which threads set to say that one of them did.
//   shared.array     a fixed offset into block->shared per op; all stand at the start of functions[0].
//   EmitResult::static_shared
//                    is their total, 16-byte aligned each.
//   local.array      an alloca of the entry block (only in kernels that need no more than one thread_loop).
//   atomics          real ones: blocks run in parallel. fence: an LLVM fence.
//
// Fiber form (fibers == true). The body is one thread's program as it came, barriers included; the emitter
// calls cantil_rt_barrier(block) for a barrier, and reads tid.* from block->thread once, at entry, before
// anything else. `barrier` in another function than the entry passes null for the block: the scheduler knows
// which one runs.
//
// In both forms no function but functions[0] contains sreg, shared.array, shared.dynamic or
// shared.dynamic_size: device functions get what they need of these as parameters after their own.
#pragma once
#include <cstdint>
#include <string>

#include "ir/ir.h"

namespace cantil::cpu_codegen {

struct SplitResult {
  bool fibers = false;
  std::string why;       // fibers: what could not be proven, with the line
  int thread_loops = 0;  // loop form: how many stand in the body
};

// Other modes: fibers for any kernel, so that its threads can run in any order; all loops in lockstep that
// can be, for tests.
enum class SplitMode : uint8_t { Best, Fibers, AllInLockstep };
SplitResult split_barriers(ir::Module& m, SplitMode mode = SplitMode::Best);

}  // namespace cantil::cpu_codegen
