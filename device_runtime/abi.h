// The contract between generated code, the C++ runtime and the bindings.
//
// CPU entry point (symbol Artifact::entry):   int32_t f(void* ret, const void* args)
//   args and ret are in the packed form of ir/layout.h. The result of counted type is owned by the caller
//   (+1). Array arguments are borrowed; their owner leaf may be null when the callee cannot keep them. The
//   returned status is 0, or 1 + the index of the raise site in the artifact; then ret is untouched and this
//   thread's cantil_rt_error holds the packed run-time arguments and the recorded frames.
// Simulator entry point:                      int32_t f(const void* args, cantil_rt_block* block)
//   runs one block (uses_fibers == false), or one thread of a block on the current fiber (uses_fibers ==
//   true; the thread's index is block->thread). Barriers in fiber mode call cantil_rt_barrier(block).
// Kernels on a GPU: one kernel parameter per leaf of the packed form.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A counted heap block. Generated code counts inline (atomic add on `count`), and calls cantil_rt_destroy
// when it falls to 0.
typedef struct cantil_rt_owner {
  int64_t count;
  void* data;  // 64-byte aligned when allocated by cantil_rt_alloc
  int64_t size;
  void (*destroy)(struct cantil_rt_owner*);  // frees block and header; never null
  void* payload;                             // for the creator of foreign blocks (a Python object)
  uint64_t owners[3];                        // of cantil_rt_alloc_counted
} cantil_rt_owner;
#define CANTIL_RT_HEADER 64  // bytes from an owner made by cantil_rt_alloc to its data

cantil_rt_owner* cantil_rt_alloc(
    int64_t bytes);  // count 1, contents undefined; null when out of memory; 0 bytes is fine
// A row of elements of `stride` bytes that hold owners: bit i of owners says that there is one (or null) at
// byte 8 * i of each. All zero at first; destroying the block releases what it holds.
cantil_rt_owner* cantil_rt_alloc_counted(int64_t bytes, int64_t stride, uint64_t owners0, uint64_t owners1,
                                         uint64_t owners2);
void cantil_rt_retain(cantil_rt_owner* owner);  // null counts nothing
void cantil_rt_release(cantil_rt_owner* owner);
// Moves bytes, which may overlap; what was only in the source is zero then.
void cantil_rt_move(void* to, void* from, int64_t bytes);
void cantil_rt_destroy(cantil_rt_owner* owner);  // calls owner->destroy
int64_t cantil_rt_live_blocks(void);             // allocated and not yet destroyed, for leak checks

// Exceptions. Cold functions, called on the way out.
void cantil_rt_raise(int32_t site, const void* packed_args,
                     int64_t size);  // starts a new error of this thread: clears frames, keeps args
// The same where arguments refer to counted blocks: bit i of `owners` says that 8 * i is the address of one,
// whose reference the error takes over until another one is raised or Python's exception is made of it.
void cantil_rt_raise_counted(int32_t site, const void* packed_args, int64_t size, uint64_t owners);
void cantil_rt_error_forget(void);    // lets go of what this thread's last error refers to
void cantil_rt_frame(int32_t frame);  // appends an index into Artifact::frames
typedef struct cantil_rt_error {
  int32_t site;
  int32_t frame_count;  // at most 64 are kept
  int32_t frames[64];
  uint64_t owners;
  int64_t args_size;
  unsigned char args[512];  // 8-byte aligned by the int64 before it;
} cantil_rt_error;
cantil_rt_error* cantil_rt_this_error(void);  // this thread's

// A handler that may raise its exception again keeps a copy of the record, since its own code may raise and
// catch others.
cantil_rt_owner* cantil_rt_error_save(void);
void cantil_rt_error_restore(const cantil_rt_owner* copy);

// Parallel CPU. Runs body over [0, n) split into chunks; chunk k of `chunks` covers a contiguous part.
// Returns the first failing chunk's status (lowest chunk number), its error moved to the calling thread.
typedef int32_t (*cantil_rt_body)(void* context, int64_t begin, int64_t end, int64_t chunk);
int32_t cantil_rt_parallel_for(cantil_rt_body body, void* context, int64_t n, int64_t chunks);
int64_t cantil_rt_parallel_chunks(
    int64_t n);  // how many chunks to use for n iterations with the current settings (>= 1)
int32_t cantil_rt_num_threads(void);  // this thread's setting, inherited by the chunks it starts
void cantil_rt_set_num_threads(int32_t n);
int32_t cantil_rt_max_threads(void);
// Iterations that one piece of a region is to have, about; 0 for as the runtime sees fit. Of this thread, and
// 0 again inside a region. Gives the former setting.
int64_t cantil_rt_set_parallel_chunksize(int64_t n);
int64_t cantil_rt_get_parallel_chunksize(void);
// How regions are split, by the names of Numba's layers: 0 tbb, many pieces a thread, for balance; 1 omp and
// 2 workqueue, one equal piece a thread. Fixed when the first region is met; -1 asks. Gives the one in use.
int32_t cantil_rt_threading_layer(int32_t wanted);
int32_t cantil_rt_parallel_used(void);  // whether a region has been met
int32_t cantil_rt_thread_id(void);      // in [0, num_threads) inside a parallel_for, 0 outside

// Runs a block of a compiled function as Python (frontend/object_blocks.h), by a hook of the bindings: takes
// the inputs as a tuple in memory, gives a block of memory with the result's tuple.
cantil_rt_owner* cantil_rt_object_block(int64_t number, const void* inputs);
void cantil_rt_set_object_block_hook(cantil_rt_owner* (*hook)(int64_t number, const void* inputs));

// Print: formats one value and writes the text to Python's stdout through the hook set by the bindings, in
// order.
void cantil_rt_print_begin(void);
void cantil_rt_print_text(const char* text, int64_t size);
void cantil_rt_print_i64(int64_t v);
void cantil_rt_print_u64(uint64_t v);
void cantil_rt_print_f64(double v);
void cantil_rt_print_f32(float v);
void cantil_rt_print_c128(double re, double im);
void cantil_rt_print_c64(float re, float im);
void cantil_rt_print_bool(int32_t v);
void cantil_rt_print_end(void);
void cantil_rt_set_print_hook(void (*hook)(const char* text, int64_t size));
void cantil_rt_set_stream_hook(void (*hook)(const char* text, int64_t size, int32_t stream, bool flush));

// A function with C's calling convention (a cfunc) raised: its status, see above. The caller gets zero.
void cantil_rt_c_failed(const void* function, int32_t status);
void cantil_rt_set_c_failed_hook(void (*hook)(const void* function, int32_t status));

// What threads do together, in the order of ir::CollectiveOp.
enum {
  CANTIL_RT_SHFL_IDX,
  CANTIL_RT_SHFL_UP,
  CANTIL_RT_SHFL_DOWN,
  CANTIL_RT_SHFL_XOR,
  CANTIL_RT_ALL,
  CANTIL_RT_ANY,
  CANTIL_RT_EQUAL,
  CANTIL_RT_BALLOT,
  CANTIL_RT_MATCH_ANY,
  CANTIL_RT_MATCH_ALL,
  CANTIL_RT_SYNC_WARP,
  CANTIL_RT_ACTIVE_MASK,
  CANTIL_RT_SYNC_COUNT,
  CANTIL_RT_SYNC_AND,
  CANTIL_RT_SYNC_OR,
  CANTIL_RT_SYNC_GRID
};
// ---- The sanitizer of the simulator ----
// What checked code knows of an access, the imm of access.check and sync.mark:
//   bits 0-11   its site (Artifact::access_sites)      12-13  read, write, atomic
//   bits 14-16  the memory it goes to                  17     a read that atomic operations may overlap
//   bit 18      the value to be stored follows         20-    bytes
enum { CANTIL_RT_READ = 0, CANTIL_RT_WRITE = 1, CANTIL_RT_ATOMIC = 2 };
enum {
  CANTIL_RT_GLOBAL = 0,
  CANTIL_RT_SHARED = 1,
  CANTIL_RT_LOCAL = 2,
  CANTIL_RT_CONST = 3,
  CANTIL_RT_UNKNOWN = 4
};
#define CANTIL_RT_ACCESS_SITES 4096
#define CANTIL_RT_ACCESS_KIND(imm) (((imm) >> 12) & 3)
#define CANTIL_RT_ACCESS_SPACE(imm) (((imm) >> 14) & 7)
#define CANTIL_RT_ACCESS_RELAXED(imm) (((imm) >> 17) & 1)
#define CANTIL_RT_ACCESS_HAS_VALUE(imm) (((imm) >> 18) & 1)
#define CANTIL_RT_ACCESS_BYTES(imm) ((imm) >> 20)

// The shadow of memory: a cell of two tags for each 4 bytes (table 0, accesses of 4 bytes and more, by their
// first byte) or each byte (table 1, smaller ones): who wrote last, who read since. A tag, from its highest
// bit:
//   40 when   24 up; shared memory: a clock of the worker; otherwise 26 bits of block and 14 of time in the
//   block 10 thread of the block     12 site     2 flags
// Tags: 0 nobody. Flags of a writer: 1 atomic. Of a reader: 1 other threads read too, 2 threads of other
// blocks did.
enum {
  CANTIL_RT_WHEN_SHIFT = 24,
  CANTIL_RT_THREAD_SHIFT = 14,
  CANTIL_RT_SITE_SHIFT = 2,
  CANTIL_RT_TIME_BITS = 14
};
enum { CANTIL_RT_PAGE_SHIFT = 22, CANTIL_RT_CELL_SHIFT = 4 };
typedef struct cantil_rt_cell {
  uint64_t written, read;
} cantil_rt_cell;
typedef struct cantil_rt_shadow {
  cantil_rt_cell* shared_cells[2];  // of the block's shared memory
  cantil_rt_cell** pages[2];        // of all other memory, by address >> CANTIL_RT_PAGE_SHIFT; null: none yet
  uint64_t shared_first;            // tags below are of other blocks
  uint64_t launch_first;            // tags below are of other launches
  uint64_t shared_floor;  // tags below: before the last barrier. This and what follows move with time
  uint64_t shared_now, global_now;  // tags of thread 0, site 0
} cantil_rt_shadow;

// The simulator's view of the running block.
typedef struct cantil_rt_block {
  uint32_t grid[3], block_dim[3], block[3];
  uint32_t thread[3];      // fiber mode: the running thread
  unsigned char* shared;   // static shared memory, then the dynamic part, 128-byte aligned
  int64_t dynamic_offset;  // where the dynamic part starts in `shared`
  int64_t dynamic_size;
  unsigned char*
      scratch;  // loop mode: per-thread arrays live here (size from cantil_rt_scratch below), 64-byte aligned
  void* scheduler;           // the simulator's own
  uint32_t error_thread[3];  // set with a non-zero status: which thread raised
  cantil_rt_shadow* shadow;  // checked code only
} cantil_rt_block;
// What checked code calls where the quick look at the shadow does not do: judges the access to `address` of
// thread number `thread`, notes it, and returns where to access. `indices`: `n` pairs of index and extent.
// `value`: what a write of a constant stores, or null.
void* cantil_rt_access(uint64_t imm, uint32_t thread, void* address, const int64_t* indices, int32_t n,
                       const void* value);
// Whether all of a shared array has been written to in this block; `step` is the size of its elements.
int32_t cantil_rt_initialised(cantil_rt_block* block, const void* array, int64_t bytes, int64_t step);
void cantil_rt_fenced(uint32_t thread);               // a thread made a fence
void cantil_rt_synchronised(cantil_rt_block* block);  // loop mode: all threads of the block are at a barrier
void cantil_rt_sync_mark(uint32_t site);  // fiber mode: the running thread is about to wait, or return
// Loop mode: generated code asks for its per-thread arrays once at its start: bytes for the whole block;
// 64-byte aligned, contents undefined, null when out of memory: the entry point then returns
// CANTIL_RT_NO_MEMORY.
#define CANTIL_RT_NO_MEMORY (-1)
// The simulator's: threads wait for each other for ever.
#define CANTIL_RT_DEADLOCK (-2)
void* cantil_rt_scratch(cantil_rt_block* block, int64_t bytes);
void cantil_rt_barrier(
    cantil_rt_block* block);  // fiber mode only; returns when all live threads of the block have arrived.
                              // null: the block that runs on this thread (device functions)

// Fiber mode: waits for the other threads and does it. `mask` are the lanes that take part (0 for operations
// of a block), `lane` a shuffle's lane or distance; predicates are values 0 and 1. `block` may be null as
// above.
uint64_t cantil_rt_collective(cantil_rt_block* block, int32_t what, uint32_t mask, uint64_t value,
                              int32_t lane);
// Loop mode: for the whole block at once; element k is that of thread k, x counting fastest. A mask of 0 is a
// thread that does not take part; CANTIL_RT_HERE is set in all others. Clears the masks. Returns the block's
// answer (sync.count and the like).
#define CANTIL_RT_HERE (UINT64_C(1) << 32)
int32_t cantil_rt_block_collective(cantil_rt_block* block, int32_t what, uint64_t* masks,
                                   const int32_t* lanes, const uint64_t* values, uint64_t* results);

#ifdef __cplusplus
}
#endif
