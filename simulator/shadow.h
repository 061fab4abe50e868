// The shadow of the process's memory: for each piece of it, the tags of who wrote and who read last
// (device_runtime/abi.h).
//
// Pages of cells are made when memory is first accessed by checked code, and kept: tags of earlier launches
// are told from those of the running one by their blocks' numbers, so that nothing is ever cleared between
// launches.
#pragma once
#include <cstdint>
#include <mutex>

#include "device_runtime/abi.h"

namespace cantil::simulator {

class Shadow {
 public:
  static Shadow& get();

  // Numbers for `count` blocks, the first of them. Clears everything when the numbers are used up. The caller
  // holds `launching`, as it does until its launch is over: two checked launches would take each other for
  // one.
  uint64_t take_numbers(uint64_t count);
  std::mutex launching;

  cantil_rt_cell** pages(int table) { return pages_[table]; }
  // The cell of an address; its page is made where there is none. Null when memory runs out.
  cantil_rt_cell* cell(int table, uint64_t address);

  static constexpr uint64_t kNumbers = uint64_t{1} << (40 - CANTIL_RT_TIME_BITS);

 private:
  Shadow();
  cantil_rt_cell** pages_[2] = {};
  uint64_t next_ = 1;
  std::mutex making_;
};

}  // namespace cantil::simulator
