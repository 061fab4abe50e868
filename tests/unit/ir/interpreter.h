// Runs IR for tests: integers, control flow and counted references. Arithmetic is done in 128 bits and then
// wrapped, independently of the passes that are under test.
//
// Calls are answered by a hook. After the ownership pass (`counts`), retain and release act on Object::count,
// every way out of the function releases its counted variables, and touching a freed object is an error.
#pragma once
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "ir/ir.h"

namespace cantil::ir::test {

struct Object {
  int64_t count = 0;
  int64_t length = 0;
};

struct Datum {
  int64_t i = 0;
  std::shared_ptr<Object> object;
  std::vector<Datum> parts;
};

enum class Outcome { Next, Break, Continue, Return, Raise };

// A test's error: the program did what it must not.
struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Interpreter {
 public:
  // Called for call ops; false means the callee raised.
  using Call = std::function<bool(const Op&, const std::vector<Datum>&, Datum&)>;

  Interpreter(const Function& f, bool counts, Call call) : f_(f), counts_(counts), call_(std::move(call)) {}

  // Runs the function; `result` is what it returns.
  Outcome run(const std::vector<Datum>& arguments, Datum& result);

  // What print ops and bounds checks saw, in order.
  std::string trace;
  int64_t steps_left = 20000;

 private:
  Outcome region(const Region& r);
  Outcome step(const Op& op);
  Outcome loop(const Op& op);
  Datum evaluate(const Op& op);
  int64_t integer(const Op& op);
  const Datum& operand(const Op& op, size_t i) { return values_[op.operands[i]->id]; }
  void touch(const Datum& d) const;
  void count(const Datum& d, int by);
  void leave();

  const Function& f_;
  bool counts_;
  Call call_;
  std::vector<Datum> values_, variables_;
  Datum result_;
};

}  // namespace cantil::ir::test
