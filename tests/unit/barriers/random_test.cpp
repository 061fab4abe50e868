// Random kernels with barriers: the split form must give what fibers give, bit for bit.
//
// The kernels are free of data races by construction: between two barriers threads write only their own
// elements of one shared array and read any element of the other; the arrays change roles at each barrier.
#include <cstdlib>
#include <random>

#include "tests/unit/barriers/kernel.h"

namespace cantil::barrier_test {
namespace {

constexpr int64_t kSlots = 64;

class Generator {
 public:
  explicit Generator(uint32_t seed) : k_("random" + std::to_string(seed)), random_(seed) {
    n_ = k_.param("n");
    in_ = k_.array("in");
    out_ = k_.array("out");
    shared_[0] = k_.shared(kSlots);
    shared_[1] = k_.shared(kSlots);
    if (chance(30)) local_ = k_.local(4);
    for (int i = 0; i < 3; ++i) uniform_.push_back(k_.var("u" + std::to_string(i)));
    for (int i = 0; i < 4; ++i) own_.push_back(k_.var("t" + std::to_string(i)));
    side_ = k_.var("side");
  }

  std::string text() {
    for (size_t i = 0; i < uniform_.size(); ++i)
      k_.set(uniform_[i], k_.add(n_, k_.num(static_cast<int64_t>(i))));
    for (Variable* v : own_) k_.set(v, k_.add(k_.mul(k_.tid(), k_.num(pick(1, 9))), k_.num(pick(0, 5))));
    k_.set(side_, k_.num(0));
    if (local_) k_.for_(4, [&](Value* i) { k_.store(local_, i, k_.mul(i, k_.tid())); });
    k_.store(shared_[0], slot(k_.tid()), k_.tid());
    k_.store(shared_[1], slot(k_.tid()), k_.num(0));
    k_.sync();
    statements(true, 3, pick(3, 7));
    Value* result = k_.num(0);
    for (Variable* v : own_) result = k_.add(k_.mul(result, k_.num(31)), k_.get(v));
    for (Variable* v : uniform_) result = k_.add(k_.mul(result, k_.num(17)), k_.get(v));
    if (local_) result = k_.add(result, k_.load(local_, k_.num(pick(0, 3))));
    k_.store(out_, thread(), result);
    return k_.text();
  }

 private:
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool chance(int percent) { return pick(1, 100) <= percent; }
  template <class T>
  T& any(std::vector<T>& v) {
    return v[static_cast<size_t>(pick(0, static_cast<int>(v.size()) - 1))];
  }

  // A thread's place in the block and in the grid.
  Value* linear() { return k_.add(k_.tid(), k_.mul(k_.ntid(), k_.sreg(ir::Sreg::TidY))); }
  Value* thread() {
    Value* threads = k_.mul(k_.ntid(), k_.sreg(ir::Sreg::NtidY));
    return k_.add(linear(), k_.mul(threads, k_.ctaid()));
  }
  Value* slot(Value*) { return linear(); }
  Value* small(Value* v) { return k_.mod(v, k_.num(1000003)); }

  // The same for all threads.
  Value* uniform(int depth = 2) {
    switch (depth > 0 ? pick(0, 6) : pick(0, 2)) {
      case 0:
        return k_.num(pick(-3, 7));
      case 1:
        return k_.get(any(uniform_));
      case 2:
        return chance(50) ? k_.ctaid() : n_;
      case 3:
        return small(k_.mul(uniform(depth - 1), uniform(depth - 1)));
      case 4:
        return k_.div(uniform(depth - 1), k_.num(pick(2, 5)));
      default:
        return k_.add(uniform(depth - 1), uniform(depth - 1));
    }
  }

  Value* reading_side() { return k_.get(side_); }
  Value* shared_at(Value* side, Value* index) {
    Value* pointer =
        k_.b->value(Opcode::Select, {k_.eq(side, k_.num(0)), shared_[0], shared_[1]}, shared_[0]->type);
    return k_.b->value(Opcode::PtrIndex, {pointer, index});
  }

  Value* own(int depth = 2) {
    switch (depth > 0 ? pick(0, 9) : pick(0, 3)) {
      case 0:
        return k_.tid();
      case 1:
      case 2:
        return k_.get(any(own_));
      case 3:
        return uniform(0);
      case 4: {
        Value* index = k_.mod(own(depth - 1), k_.mul(k_.ntid(), k_.sreg(ir::Sreg::NtidY)));
        return k_.b->value(Opcode::Load, {shared_at(reading_side(), index)}, ir::i64());
      }
      case 5:
        return k_.load(in_, k_.mod(own(depth - 1), k_.b->dim(in_, 0)));
      case 6:
        return small(k_.mul(own(depth - 1), own(depth - 1)));
      case 7:
        if (local_) return k_.load(local_, k_.mod(own(depth - 1), k_.num(4)));
        [[fallthrough]];
      default:
        return k_.add(own(depth - 1), own(depth - 1));
    }
  }

  Value* compare(Value* x, Value* y) {
    static constexpr Opcode kOps[] = {Opcode::Lt, Opcode::Le, Opcode::Eq, Opcode::Ne, Opcode::Gt};
    return k_.bin(kOps[pick(0, 4)], x, y);
  }

  // `together`: all threads that have not returned are here; only then may there be a barrier.
  void statements(bool together, int depth, int count) {
    for (int i = 0; i < count && !ended_; ++i) statement(together, depth);
    ended_ = false;
  }

  void sync() {
    k_.sync();
    k_.set(side_, k_.sub(k_.num(1), k_.get(side_)));
  }

  void statement(bool together, int depth) {
    switch (pick(0, together ? 15 : 9)) {
      case 0:
      case 1:
      case 2:
        k_.set(any(own_), small(own()));
        return;
      case 3:
        k_.b->op(Opcode::Store, {shared_at(k_.sub(k_.num(1), reading_side()), slot(k_.tid())), small(own())});
        return;
      case 4:
        if (local_) k_.store(local_, k_.mod(own(), k_.num(4)), small(own()));
        return;
      case 5:
      case 6:
        if (depth == 0) return;
        if (chance(70)) {
          k_.if_(
              compare(own(), own()), [&] { statements(false, depth - 1, pick(1, 3)); },
              chance(50) ? Kernel::Body([&] { statements(false, depth - 1, pick(1, 2)); }) : Kernel::Body());
        } else {
          const int loops = loops_;
          k_.for_(k_.num(0), k_.mod(own(), k_.num(4)), k_.num(1), [&](Value* j) {
            loops_ = 1;
            k_.set(own_[0], k_.add(k_.get(own_[0]), j));
            statements(false, depth - 1, pick(1, 3));
          });
          loops_ = loops;
        }
        return;
      case 7:
        if (!together && loops_ == 1 && chance(40)) leave_loop();
        return;
      case 8:
        // A few threads go; rarely, so that something is left to compare.
        if (!together && chance(15)) {
          k_.store(out_, thread(), k_.num(pick(1000, 2000)));
          k_.ret();
          ended_ = true;
        }
        return;
      case 9:
        if (together) k_.set(any(uniform_), small(uniform()));
        return;
      case 10:
      case 11:
        sync();
        return;
      case 12:
        if (depth == 0) return;
        k_.if_(
            compare(uniform(), uniform()), [&] { statements(true, depth - 1, pick(1, 4)); },
            chance(50) ? Kernel::Body([&] { statements(true, depth - 1, pick(1, 3)); }) : Kernel::Body());
        return;
      case 13:
      case 14: {
        if (depth == 0) return;
        const int loops = loops_;
        Value* stop = k_.mod(uniform(), k_.num(5));
        const bool down = chance(30);
        k_.for_(down ? stop : k_.num(0), down ? k_.num(-1) : stop, k_.num(down ? -1 : 1), [&](Value* j) {
          loops_ = 2;
          k_.set(own_[1], small(k_.add(k_.mul(k_.get(own_[1]), k_.num(3)), j)));
          if (chance(50)) k_.set(uniform_[2], k_.add(k_.get(uniform_[2]), j));
          statements(true, depth - 1, pick(1, 4));
        });
        loops_ = loops;
        return;
      }
      default: {
        if (depth == 0) return;
        const int loops = loops_;
        Variable* left = k_.var("left");
        k_.set(left, k_.mod(uniform(), k_.num(4)));
        k_.while_([&] { return k_.lt(k_.num(0), k_.get(left)); },
                  [&] {
                    loops_ = 2;
                    k_.set(left, k_.sub(k_.get(left), k_.num(1)));
                    if (chance(30)) {
                      k_.if_(compare(uniform(), uniform()), [&] { leave_loop(); });
                      ended_ = false;
                    }
                    statements(true, depth - 1, pick(1, 4));
                  });
        loops_ = loops;
        return;
      }
    }
  }

  void leave_loop() {
    chance(50) ? k_.brk() : k_.cont();
    ended_ = true;
  }

  Kernel k_;
  std::mt19937 random_;
  Value *n_ = nullptr, *in_ = nullptr, *out_ = nullptr, *local_ = nullptr;
  Value* shared_[2] = {};
  std::vector<Variable*> uniform_, own_;
  Variable* side_ = nullptr;
  int loops_ = 0;       // the innermost loop: 0 none, 1 a thread's own, 2 all threads'
  bool ended_ = false;  // the region has its terminator
};

using cpu_codegen::SplitMode;

TEST(RandomKernels, SplitAndFibersAgree) {
  // CANTIL_TEST_SEEDS=<n> tries more of them.
  const char* wanted = std::getenv("CANTIL_TEST_SEEDS");
  const uint32_t seeds = wanted != nullptr ? static_cast<uint32_t>(std::atoi(wanted)) : 16;
  uint32_t split_count = 0;
  for (uint32_t seed = 1; seed <= seeds; ++seed) {
    const std::string text = Generator(seed).text();
    const Compiled split = compile(text), fibers = compile(text, SplitMode::Fibers),
                   lockstep = compile(text, SplitMode::AllInLockstep);
    split_count += !split.split.fibers;
    for (const simulator::LaunchConfig& config :
         {simulator::LaunchConfig{{3, 1, 1}, {8, 1, 1}}, simulator::LaunchConfig{{2, 1, 1}, {5, 3, 1}},
          simulator::LaunchConfig{{1, 1, 1}, {64, 1, 1}}}) {
      for (const int64_t n : {0, 1, 6}) {
        std::vector<int64_t> in(37);
        for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<int64_t>(i * i * 5 % 23) - 4;
        std::vector<int64_t> a(192, -1), b(192, -1), c(192, -1);
        const auto run = [&](const simulator::Function& f, std::vector<int64_t>& out) {
          const auto failure = simulator::launch(f, config, Args().number(n).array(in).array(out).packed());
          EXPECT_FALSE(failure.has_value());
        };
        run(split.function, a);
        run(fibers.function, b);
        run(lockstep.function, c);
        ASSERT_EQ(a, b) << "seed " << seed << ", n = " << n << "\n" << text << "\n" << split.split_text;
        ASSERT_EQ(c, b) << "in lockstep: seed " << seed << ", n = " << n << "\n"
                        << text << "\n"
                        << lockstep.split_text;
      }
    }
  }
  // Everything that these kernels do is provably uniform where it has to be.
  EXPECT_EQ(split_count, seeds);
}

}  // namespace
}  // namespace cantil::barrier_test
