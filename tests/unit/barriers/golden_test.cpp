// Golden tests of barrier splitting: tests/golden/barriers/<case>.ir becomes what stands in <case>.out, whose
// first line says which form was chosen. UPDATE_GOLDEN=1 rewrites those.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cpu_codegen/barriers/barriers.h"
#include "ir/text.h"
#include "ir/verifier.h"

namespace cantil::cpu_codegen {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(CANTIL_SOURCE_DIR) / "tests/golden/barriers";

std::string read(const fs::path& p) {
  std::ifstream in(p, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& e : fs::directory_iterator(kFolder)) {
    if (e.path().extension() == ".ir") out.push_back(e.path().stem().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

class BarrierGolden : public testing::TestWithParam<std::string> {};

TEST_P(BarrierGolden, TextAfterSplitting) {
  const fs::path input = kFolder / (GetParam() + ".ir"), expected = kFolder / (GetParam() + ".out");
  const std::unique_ptr<ir::Module> m = ir::parse(read(input));
  EXPECT_EQ(ir::verify(*m), std::vector<std::string>());
  const SplitResult result = split_barriers(*m);
  const std::string form =
      result.fibers ? "// fibers: " + result.why : "// thread loops: " + std::to_string(result.thread_loops);
  const std::string got = form + "\n" + ir::print(*m);
  EXPECT_EQ(ir::verify(*m, {.after_split = true}), std::vector<std::string>()) << got;
  EXPECT_EQ(form + "\n" + ir::print(*ir::parse(got)), got) << "the result does not read back";
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(expected, std::ios::binary) << got;
    return;
  }
  EXPECT_EQ(got, read(expected)) << expected << " (UPDATE_GOLDEN=1 rewrites it)";
}

INSTANTIATE_TEST_SUITE_P(Files, BarrierGolden, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace cantil::cpu_codegen
