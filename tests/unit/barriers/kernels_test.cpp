// Known kernels with barriers, split and run; each against a closed form, and in fibers too.
#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "tests/unit/barriers/kernel.h"

namespace cantil::barrier_test {
namespace {

using cpu_codegen::SplitMode;
using simulator::LaunchConfig;

// Runs both forms; `expect_loops` says which one the splitter must choose.
void run_both(const Kernel& k, bool expect_loops,
              const std::function<void(const simulator::Function&)>& run) {
  const std::string text = k.text();
  for (const bool optimise_ir : {false, true}) {
    const Compiled split = compile(text, SplitMode::Best, optimise_ir);
    EXPECT_EQ(!split.split.fibers, expect_loops) << split.split.why << "\n" << split.split_text;
    run(split.function);
    if (::testing::Test::HasFailure()) {
      ADD_FAILURE() << text << "\n" << split.split_text;
      return;
    }
  }
  for (const SplitMode mode : {SplitMode::Fibers, SplitMode::AllInLockstep})
    run(compile(text, mode).function);
}

void launch(const simulator::Function& f, const LaunchConfig& config, const Args& args) {
  const auto failure = simulator::launch(f, config, args.packed());
  ASSERT_FALSE(failure.has_value());
}

TEST(Barriers, NoBarrierIsOneLoop) {
  Kernel k("double");
  Value* n = k.param("n");
  Value* a = k.array("a");
  Value* i = k.global_id();
  k.if_(k.lt(i, n), [&] { k.store(a, i, k.mul(k.load(a, i), k.num(2))); });
  const Compiled c = compile(k.text());
  EXPECT_FALSE(c.split.fibers);
  EXPECT_EQ(c.split.thread_loops, 1);
  std::vector<int64_t> v(1000);
  std::iota(v.begin(), v.end(), 0);
  launch(c.function, {{4, 1, 1}, {256, 1, 1}}, Args().number(999).array(v));
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(v[static_cast<size_t>(i)], i == 999 ? 999 : 2 * i);
}

TEST(Barriers, TiledMatmul) {
  constexpr int64_t kTile = 8;
  Kernel k("matmul");
  Value* n = k.param("n");
  Value* a = k.array("a", ir::f64());
  Value* b = k.array("b", ir::f64());
  Value* c = k.array("c", ir::f64());
  Value* sa = k.shared(kTile * kTile, ir::f64());
  Value* sb = k.shared(kTile * kTile, ir::f64());
  Variable* tx = k.var("tx");
  Variable* ty = k.var("ty");
  Variable* row = k.var("row");
  Variable* col = k.var("col");
  Variable* sum = k.var("sum", ir::f64());
  k.set(tx, k.tid());
  k.set(ty, k.sreg(ir::Sreg::TidY));
  k.set(row, k.add(k.mul(k.sreg(ir::Sreg::CtaidY), k.num(kTile)), k.get(ty)));
  k.set(col, k.add(k.mul(k.ctaid(), k.num(kTile)), k.get(tx)));
  k.set(sum, k.b->const_float(ir::f64(), 0));
  Value* tiles = k.div(k.add(n, k.num(kTile - 1)), k.num(kTile));
  const auto within = [&](Value* r, Value* s) { return k.bin(Opcode::And, k.lt(r, n), k.lt(s, n)); };
  const auto element = [&](Value* m, Value* r, Value* s, Value* tile) {
    Variable* v = k.var("v", ir::f64());
    k.set(v, k.b->const_float(ir::f64(), 0));
    k.if_(within(r, s), [&] { k.set(v, k.load(m, k.add(k.mul(r, n), s))); });
    k.store(tile, k.add(k.mul(k.get(ty), k.num(kTile)), k.get(tx)), k.get(v));
  };
  k.for_(k.num(0), tiles, k.num(1), [&](Value* t) {
    element(a, k.get(row), k.add(k.mul(t, k.num(kTile)), k.get(tx)), sa);
    element(b, k.add(k.mul(t, k.num(kTile)), k.get(ty)), k.get(col), sb);
    k.sync();
    k.for_(kTile, [&](Value* j) {
      Value* x = k.load(sa, k.add(k.mul(k.get(ty), k.num(kTile)), j));
      Value* y = k.load(sb, k.add(k.mul(j, k.num(kTile)), k.get(tx)));
      k.set(sum, k.add(k.get(sum), k.mul(x, y)));
    });
    k.sync();
  });
  k.if_(within(k.get(row), k.get(col)),
        [&] { k.store(c, k.add(k.mul(k.get(row), n), k.get(col)), k.get(sum)); });

  for (const int64_t size : {8, 20}) {
    const auto blocks = static_cast<unsigned>((size + kTile - 1) / kTile);
    const LaunchConfig config{{blocks, blocks, 1}, {kTile, kTile, 1}};
    run_both(k, true, [&](const simulator::Function& f) {
      const auto total = static_cast<size_t>(size * size);
      std::vector<double> x(total), y(total), z(total, -1);
      for (size_t i = 0; i < total; ++i) {
        x[i] = static_cast<double>(i % 7);
        y[i] = static_cast<double>(i % 5) - 2;
      }
      launch(f, config, Args().number(size).array(x).array(y).array(z));
      for (int64_t r = 0; r < size; ++r) {
        for (int64_t s = 0; s < size; ++s) {
          double expected = 0;
          for (int64_t j = 0; j < size; ++j)
            expected += x[static_cast<size_t>(r * size + j)] * y[static_cast<size_t>(j * size + s)];
          ASSERT_EQ(z[static_cast<size_t>(r * size + s)], expected) << r << ", " << s;
        }
      }
    });
  }
}

// s = ntid // 2; while s > 0: if tid < s: shared[tid] += shared[tid + s]; sync; s //= 2
TEST(Barriers, TreeReduction) {
  Kernel k("reduce");
  Value* a = k.array("a");
  Value* out = k.array("out");
  Value* shared = k.shared(256);
  Variable* s = k.var("s");
  k.store(shared, k.tid(), k.load(a, k.global_id()));
  k.sync();
  k.set(s, k.div(k.ntid(), k.num(2)));
  k.while_([&] { return k.lt(k.num(0), k.get(s)); },
           [&] {
             k.if_(k.lt(k.tid(), k.get(s)), [&] {
               k.store(shared, k.tid(),
                       k.add(k.load(shared, k.tid()), k.load(shared, k.add(k.tid(), k.get(s)))));
             });
             k.sync();
             k.set(s, k.div(k.get(s), k.num(2)));
           });
  k.if_(k.eq(k.tid(), k.num(0)), [&] { k.store(out, k.ctaid(), k.load(shared, k.num(0))); });
  const LaunchConfig config{{10, 1, 1}, {256, 1, 1}};
  run_both(k, true, [&](const simulator::Function& f) {
    std::vector<int64_t> v(2560), sums(10);
    std::iota(v.begin(), v.end(), -100);
    launch(f, config, Args().array(v).array(sums));
    for (size_t j = 0; j < 10; ++j)
      EXPECT_EQ(sums[j], std::accumulate(&v[j * 256], &v[j * 256] + 256, int64_t{0}));
  });
}

// Hillis and Steele with two buffers: which one is read is a block-uniform variable.
TEST(Barriers, ScanWithDoubleBuffers) {
  constexpr int64_t kMost = 128;
  Kernel k("scan");
  Value* a = k.array("a");
  Value* buffer = k.shared(2 * kMost);
  Variable* from = k.var("from");
  Variable* offset = k.var("offset");
  k.set(from, k.num(0));
  k.set(offset, k.num(1));
  k.store(buffer, k.tid(), k.load(a, k.tid()));
  k.sync();
  k.while_([&] { return k.lt(k.get(offset), k.ntid()); },
           [&] {
             Value* to = k.sub(k.num(1), k.get(from));
             const auto slot = [&](Value* half, Value* i) { return k.add(k.mul(half, k.num(kMost)), i); };
             Value* own = k.load(buffer, slot(k.get(from), k.tid()));
             k.if_(
                 k.lt(k.tid(), k.get(offset)), [&] { k.store(buffer, slot(to, k.tid()), own); },
                 [&] {
                   Value* other = k.load(buffer, slot(k.get(from), k.sub(k.tid(), k.get(offset))));
                   k.store(buffer, slot(to, k.tid()), k.add(own, other));
                 });
             k.set(from, to);
             k.set(offset, k.mul(k.get(offset), k.num(2)));
             k.sync();
           });
  k.store(a, k.tid(), k.load(buffer, k.add(k.mul(k.get(from), k.num(kMost)), k.tid())));
  for (const unsigned threads : {1u, 2u, 37u, 128u}) {
    const LaunchConfig config{{1, 1, 1}, {threads, 1, 1}};
    run_both(k, true, [&](const simulator::Function& f) {
      std::vector<int64_t> v(threads), expected(threads);
      for (size_t i = 0; i < threads; ++i) v[i] = static_cast<int64_t>(i * i % 11);
      std::partial_sum(v.begin(), v.end(), expected.begin());
      launch(f, config, Args().array(v));
      EXPECT_EQ(v, expected);
    });
  }
}

TEST(Barriers, TransposeThroughATile) {
  Kernel k("transpose");
  Value* a = k.array("a");
  Value* out = k.array("out");
  Value* tile = k.shared(16 * 17);
  Value* ty = k.sreg(ir::Sreg::TidY);
  k.store(tile, k.add(k.mul(ty, k.num(17)), k.tid()), k.load(a, k.add(k.mul(ty, k.num(16)), k.tid())));
  k.sync();
  k.store(out, k.add(k.mul(ty, k.num(16)), k.tid()), k.load(tile, k.add(k.mul(k.tid(), k.num(17)), ty)));
  const LaunchConfig config{{1, 1, 1}, {16, 16, 1}};
  run_both(k, true, [&](const simulator::Function& f) {
    std::vector<int64_t> v(256), t(256);
    std::iota(v.begin(), v.end(), 0);
    launch(f, config, Args().array(v).array(t));
    for (size_t r = 0; r < 16; ++r) {
      for (size_t c = 0; c < 16; ++c) EXPECT_EQ(t[r * 16 + c], v[c * 16 + r]);
    }
  });
}

TEST(Barriers, HaloStencil) {
  Kernel k("stencil");
  Value* n = k.param("n");
  Value* a = k.array("a");
  Value* out = k.array("out");
  Value* tile = k.shared(66);
  Value* i = k.global_id();
  const auto at = [&](Value* j) {
    Variable* v = k.var("v");
    k.set(v, k.num(0));
    k.if_(k.bin(Opcode::And, k.bin(Opcode::Ge, j, k.num(0)), k.lt(j, n)), [&] { k.set(v, k.load(a, j)); });
    return k.get(v);
  };
  k.store(tile, k.add(k.tid(), k.num(1)), at(i));
  k.if_(k.eq(k.tid(), k.num(0)), [&] { k.store(tile, k.num(0), at(k.sub(i, k.num(1)))); });
  k.if_(k.eq(k.tid(), k.sub(k.ntid(), k.num(1))),
        [&] { k.store(tile, k.add(k.tid(), k.num(2)), at(k.add(i, k.num(1)))); });
  k.sync();
  k.if_(k.lt(i, n), [&] {
    Value* sum = k.add(k.load(tile, k.tid()), k.load(tile, k.add(k.tid(), k.num(2))));
    k.store(out, i, k.sub(sum, k.mul(k.num(2), k.load(tile, k.add(k.tid(), k.num(1))))));
  });
  const LaunchConfig config{{4, 1, 1}, {64, 1, 1}};
  run_both(k, true, [&](const simulator::Function& f) {
    std::vector<int64_t> v(230), r(230);
    for (size_t j = 0; j < v.size(); ++j) v[j] = static_cast<int64_t>(j * j * 7 % 31);
    launch(f, config, Args().number(230).array(v).array(r));
    for (size_t j = 0; j < v.size(); ++j) {
      EXPECT_EQ(r[j], (j ? v[j - 1] : 0) + (j + 1 < v.size() ? v[j + 1] : 0) - 2 * v[j]);
    }
  });
}

TEST(Barriers, HistogramWithSharedAndGlobalAtomics) {
  Kernel k("histogram");
  Value* a = k.array("a");
  Value* bins = k.array("bins");
  Value* mine = k.shared(16);
  const auto atomic_add = [&](Value* pointer, Value* v) { k.b->atomic(ir::AtomicOp::Add, {pointer, v}); };
  k.if_(k.lt(k.tid(), k.num(16)), [&] { k.store(mine, k.tid(), k.num(0)); });
  k.sync();
  Value* bin = k.mod(k.load(a, k.global_id()), k.num(16));
  atomic_add(k.bin(Opcode::PtrIndex, mine, bin), k.num(1));
  k.sync();
  k.if_(k.lt(k.tid(), k.num(16)), [&] {
    Value* to = k.b->value(Opcode::ElemPtr, {bins, k.tid()}, ir::pointer_type(ir::i64()));
    atomic_add(to, k.load(mine, k.tid()));
  });
  const LaunchConfig config{{50, 1, 1}, {64, 1, 1}};
  run_both(k, true, [&](const simulator::Function& f) {
    std::vector<int64_t> v(3200), counts(16), expected(16);
    for (size_t j = 0; j < v.size(); ++j) {
      v[j] = static_cast<int64_t>(j * 2654435761u >> 3);
      ++expected[static_cast<size_t>(v[j] % 16)];
    }
    launch(f, config, Args().array(v).array(counts));
    EXPECT_EQ(counts, expected);
  });
}

TEST(Barriers, ThreadsThatReturnEarlyStayOut) {
  Kernel k("early");
  Value* n = k.param("n");
  Value* out = k.array("out");
  Value* shared = k.shared(64);
  Variable* x = k.var("x");
  k.store(shared, k.tid(), k.num(0));
  k.set(x, k.mul(k.tid(), k.num(10)));
  k.if_(k.bin(Opcode::Ge, k.tid(), n), [&] { k.ret(); });
  k.store(shared, k.tid(), k.get(x));
  k.sync();
  k.set(x, k.load(shared, k.sub(k.sub(k.ntid(), k.num(1)), k.tid())));
  k.sync();
  k.store(out, k.tid(), k.add(k.get(x), k.num(1)));
  const LaunchConfig config{{1, 1, 1}, {64, 1, 1}};
  run_both(k, true, [&](const simulator::Function& f) {
    std::vector<int64_t> r(64, -5);
    launch(f, config, Args().number(40).array(r));
    for (int64_t t = 0; t < 64; ++t) {
      const int64_t other = 63 - t;
      EXPECT_EQ(r[static_cast<size_t>(t)], t >= 40 ? -5 : (other < 40 ? other * 10 : 0) + 1) << t;
    }
  });
}

// Threads leave an endless loop with a barrier one after the other, until none is left.
TEST(Barriers, ReturnsInsideAnEndlessLoop) {
  Kernel k("endless");
  Value* out = k.array("out");
  Value* shared = k.shared(32);
  Variable* round = k.var("round");
  k.set(round, k.num(0));
  k.store(shared, k.tid(), k.num(0));
  k.sync();
  k.while_([&] { return k.b->const_bool(true); },
           [&] {
             k.if_(k.eq(k.tid(), k.get(round)), [&] {
               k.store(out, k.tid(), k.add(k.load(shared, k.num(31)), k.num(100)));
               k.ret();
             });
             k.sync();
             k.store(shared, k.tid(), k.get(round));
             k.sync();
             k.set(round, k.add(k.get(round), k.num(1)));
           });
  const LaunchConfig config{{2, 1, 1}, {32, 1, 1}};
  run_both(k, true, [&](const simulator::Function& f) {
    std::vector<int64_t> r(32);
    launch(f, config, Args().array(r));
    for (int64_t t = 0; t < 32; ++t) EXPECT_EQ(r[static_cast<size_t>(t)], (t ? t - 1 : 0) + 100);
  });
}

// A device function with a barrier, a shared array of its own and two returns; called twice.
TEST(Barriers, DeviceFunctionsWithBarriersAreInlined) {
  Kernel k("caller");
  Value* out = k.array("out");
  Value* limit = k.param("limit");
  k.device("rotate", ir::i64());
  Value* v = k.param("v");
  Value* by = k.param("by");
  Value* kept = k.shared(32);
  k.if_(k.lt(by, k.num(0)), [&] { k.ret(k.num(-1)); });
  k.store(kept, k.tid(), v);
  k.sync();
  Value* result = k.load(kept, k.mod(k.add(k.tid(), by), k.ntid()));
  k.sync();
  k.ret(result);
  ir::Function* rotate = k.f;
  k.kernel();
  Value* first = k.call(rotate, {k.mul(k.tid(), k.num(3)), k.num(1)});
  Value* second = k.call(rotate, {first, limit});
  k.store(out, k.tid(), second);
  const LaunchConfig config{{1, 1, 1}, {32, 1, 1}};
  for (const int64_t limit_value : {int64_t{5}, int64_t{-1}}) {
    run_both(k, true, [&](const simulator::Function& f) {
      std::vector<int64_t> r(32);
      launch(f, config, Args().array(r).number(limit_value));
      for (int64_t t = 0; t < 32; ++t)
        EXPECT_EQ(r[static_cast<size_t>(t)], limit_value < 0 ? -1 : (t + 6) % 32 * 3);
    });
  }
  const Compiled c = compile(k.text());
  EXPECT_EQ(c.function.static_shared, 32 * 8) << "one shared array for both calls";
}

TEST(Barriers, NestedLoopsWithBreakAndContinueOnUniformConditions) {
  Kernel k("nested");
  Value* n = k.param("n");
  Value* out = k.array("out");
  Value* shared = k.shared(32);
  Variable* sum = k.var("sum");
  Variable* previous = k.var("previous");
  k.set(sum, k.tid());
  k.set(previous, k.num(0));
  k.for_(k.num(0), n, k.num(1), [&](Value* i) {
    k.if_(k.eq(i, k.num(2)), [&] { k.cont(); });
    k.for_(k.num(10), i, k.num(-3), [&](Value* j) {
      k.store(shared, k.tid(), k.add(k.get(sum), j));
      k.sync();
      k.set(sum, k.add(k.load(shared, k.mod(k.add(k.tid(), k.num(1)), k.ntid())), k.get(previous)));
      k.set(previous, k.mul(i, j));
      k.sync();
      k.if_(k.lt(k.mul(i, j), k.num(4)), [&] { k.brk(); });
    });
  });
  k.store(out, k.tid(), k.add(k.get(sum), k.get(previous)));
  const LaunchConfig config{{1, 1, 1}, {32, 1, 1}};
  run_both(k, true, [&](const simulator::Function& f) {
    std::vector<int64_t> r(32);
    launch(f, config, Args().number(6).array(r));
    std::vector<int64_t> sums(32), next(32);
    std::iota(sums.begin(), sums.end(), 0);
    int64_t previous_value = 0;
    for (int64_t i = 0; i < 6; ++i) {
      if (i == 2) continue;
      for (int64_t j = 10; j > i; j -= 3) {
        for (size_t t = 0; t < 32; ++t) next[t] = sums[(t + 1) % 32] + j + previous_value;
        sums = next;
        previous_value = i * j;
        if (i * j < 4) break;
      }
    }
    for (size_t t = 0; t < 32; ++t) EXPECT_EQ(r[t], sums[t] + previous_value);
  });
}

// Every thread keeps an array of its own across barriers.
TEST(Barriers, LocalArraysLiveAcrossBarriers) {
  Kernel k("local");
  Value* out = k.array("out");
  Value* shared = k.shared(24);
  Value* mine = k.local(5);
  Value* thread = k.add(k.tid(), k.mul(k.ntid(), k.sreg(ir::Sreg::TidY)));
  k.for_(5, [&](Value* i) {
    k.store(shared, thread, k.add(thread, i));
    k.sync();
    k.store(mine, i, k.load(shared, k.mod(k.add(thread, k.num(1)), k.num(24))));
    k.sync();
  });
  Variable* sum = k.var("sum");
  k.set(sum, k.num(0));
  k.for_(5, [&](Value* i) { k.set(sum, k.add(k.mul(k.get(sum), k.num(31)), k.load(mine, i))); });
  k.store(out, thread, k.get(sum));
  const LaunchConfig config{{1, 1, 1}, {6, 4, 1}};
  run_both(k, true, [&](const simulator::Function& f) {
    std::vector<int64_t> r(24);
    launch(f, config, Args().array(r));
    for (int64_t t = 0; t < 24; ++t) {
      int64_t expected = 0;
      for (int64_t i = 0; i < 5; ++i) expected = expected * 31 + (t + 1) % 24 + i;
      EXPECT_EQ(r[static_cast<size_t>(t)], expected);
    }
  });
}

TEST(Barriers, DivergentBarriersNeedFibers) {
  // if tid < 16: sync — the others arrive at the barrier behind it.
  Kernel k("divergent");
  Value* out = k.array("out");
  Value* shared = k.shared(32);
  k.store(shared, k.tid(), k.num(0));
  k.if_(
      k.lt(k.tid(), k.num(16)),
      [&] {
        k.store(shared, k.tid(), k.add(k.tid(), k.num(1)));
        k.sync();
      },
      [&] {
        k.store(shared, k.tid(), k.num(7));
        k.sync();
      });
  k.store(out, k.tid(), k.load(shared, k.sub(k.num(31), k.tid())));
  const LaunchConfig config{{1, 1, 1}, {32, 1, 1}};
  run_both(k, false, [&](const simulator::Function& f) {
    std::vector<int64_t> r(32);
    launch(f, config, Args().array(r));
    for (int64_t t = 0; t < 32; ++t) EXPECT_EQ(r[static_cast<size_t>(t)], t < 16 ? 7 : 32 - t);
  });
  EXPECT_NE(compile(k.text()).split.why.find("under a condition"), std::string::npos);
}

TEST(Barriers, LoopsWhoseLengthComesFromMemoryNeedFibers) {
  Kernel k("data");
  Value* a = k.array("a");
  Value* shared = k.shared(32);
  k.for_(k.num(0), k.load(a, k.num(0)), k.num(1), [&](Value* i) {
    k.store(shared, k.tid(), k.add(i, k.tid()));
    k.sync();
    k.store(a, k.add(k.tid(), k.num(1)), k.load(shared, k.mod(k.add(k.tid(), k.num(1)), k.ntid())));
    k.sync();
  });
  const LaunchConfig config{{1, 1, 1}, {32, 1, 1}};
  run_both(k, false, [&](const simulator::Function& f) {
    std::vector<int64_t> r(33);
    r[0] = 3;
    launch(f, config, Args().array(r));
    for (int64_t t = 0; t < 32; ++t) EXPECT_EQ(r[static_cast<size_t>(t) + 1], 2 + (t + 1) % 32);
  });
}

TEST(Barriers, AnExceptionStopsTheBlockAndNamesTheThread) {
  Kernel k("raises");
  Value* out = k.array("out");
  ir::RaiseSite site;
  site.cls = "builtins.ValueError";
  site.args.push_back({.kind = ir::RaiseArg::Runtime, .s = "", .type = ir::i64()});
  const int64_t index = ir::add_site(k.m, site);
  k.store(out, k.global_id(), k.num(1));
  k.sync();
  k.if_(k.bin(Opcode::And, k.eq(k.tid(), k.num(5)), k.eq(k.ctaid(), k.num(3))),
        [&] { k.b->raise(index, {k.mul(k.tid(), k.num(11))}); });
  k.sync();
  k.store(out, k.global_id(), k.num(2));
  const LaunchConfig config{{8, 1, 1}, {16, 1, 1}};
  run_both(k, true, [&](const simulator::Function& f) {
    std::vector<int64_t> r(128);
    const auto failure = simulator::launch(f, config, Args().array(r).packed());
    ASSERT_TRUE(failure.has_value());
    EXPECT_EQ(failure->status, 1 + index);
    EXPECT_EQ(failure->block[0], 3u);
    EXPECT_EQ(failure->thread[0], 5u);
    ASSERT_EQ(failure->args.size(), 8u);
    EXPECT_EQ(failure->args[0], 55);
    for (size_t t = 48; t < 64; ++t) EXPECT_EQ(r[t], 1);
    for (size_t t = 0; t < 48; ++t) EXPECT_EQ(r[t], 2);
  });
}

// Loops that start and end anywhere, with any step, in lockstep and not; the index wraps nowhere.
TEST(Barriers, LockstepLoopsOfAnyBounds) {
  Kernel k("bounds");
  Value* n = k.param("n");
  Value* by = k.param("by");
  Value* out = k.array("out");
  Variable* sum = k.var("sum");
  Value* i = k.global_id();
  k.if_(k.lt(i, k.b->dim(out, 0)), [&] {
    k.set(sum, k.num(0));
    k.for_(k.mul(i, k.num(3)), n, by, [&](Value* j) {
      k.set(sum, k.add(k.mul(k.get(sum), k.num(7)), j));
      k.for_(j, k.num(0), k.num(-2), [&](Value* m) { k.set(sum, k.add(k.get(sum), m)); });
    });
    k.store(out, i, k.get(sum));
  });
  const LaunchConfig config{{3, 1, 1}, {16, 1, 1}};
  const int64_t kMost = std::numeric_limits<int64_t>::max();
  for (const auto& [stop, step] : std::vector<std::pair<int64_t, int64_t>>{
           {100, 1}, {100, 7}, {0, 5}, {-50, -4}, {40, -3}, {40, 1000}, {-kMost, -kMost / 3}}) {
    run_both(k, true, [&, stop = stop, step = step](const simulator::Function& f) {
      std::vector<int64_t> r(40, -1);
      launch(f, config, Args().number(stop).number(step).array(r));
      for (int64_t t = 0; t < 40; ++t) {
        uint64_t expected = 0;
        for (__int128 j = t * 3; step > 0 ? j < stop : j > stop; j += step) {
          expected = expected * 7 + static_cast<uint64_t>(j);
          // The inner loop's sum in closed form: j, j - 2, … down to 1 or 2.
          if (j > 0) {
            const __int128 count = (j + 1) / 2;
            expected += static_cast<uint64_t>(count * j - count * (count - 1));
          }
        }
        ASSERT_EQ(static_cast<uint64_t>(r[static_cast<size_t>(t)]), expected)
            << t << ", " << stop << ", " << step;
      }
    });
  }
}

// What is the same for all threads, returned threads aside, may raise only where threads raise.
TEST(Barriers, DivisionsBehindReturnsDoNotTrap) {
  Kernel k("division");
  Value* d = k.param("d");
  Value* out = k.array("out");
  Variable* q = k.var("q");
  k.if_(k.eq(d, k.num(0)), [&] { k.ret(); });
  k.set(q, k.div(k.num(100), d));
  k.for_(k.num(0), k.get(q), k.num(50), [&](Value* i) {
    k.store(out, k.tid(), k.add(k.load(out, k.tid()), i));
    k.sync();
  });
  const LaunchConfig config{{1, 1, 1}, {8, 1, 1}};
  run_both(k, true, [&](const simulator::Function& f) {
    std::vector<int64_t> r(8);
    launch(f, config, Args().number(0).array(r));
    EXPECT_EQ(r, std::vector<int64_t>(8, 0));
    launch(f, config, Args().number(1).array(r));
    EXPECT_EQ(r, std::vector<int64_t>(8, 50));
  });
}

}  // namespace
}  // namespace cantil::barrier_test
