// Golden tests: tests/golden/ir/<folder>/<case>.ir names passes in a `// passes:` line; what they make of it
// stands beside it in <case>.out. UPDATE_GOLDEN=1 rewrites those. Every case is verified before and after.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ir/passes/pipeline.h"
#include "ir/text.h"
#include "ir/verifier.h"

namespace cantil::ir {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(CANTIL_SOURCE_DIR) / "tests/golden/ir";

std::string read(const fs::path& p) {
  std::ifstream in(p, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// The words behind "// key:" in the file, empty when there is no such line.
std::vector<std::string> header(const std::string& text, const std::string& key, bool& found) {
  std::vector<std::string> words;
  size_t at = text.find("// " + key + ":");
  found = at != std::string::npos;
  if (!found) return words;
  at += key.size() + 4;
  std::istringstream line(text.substr(at, text.find('\n', at) - at));
  for (std::string w; line >> w;) words.push_back(w);
  return words;
}

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& e : fs::recursive_directory_iterator(kFolder))
    if (e.path().extension() == ".ir")
      out.push_back(fs::relative(e.path(), kFolder).replace_extension("").string());
  std::sort(out.begin(), out.end());
  return out;
}

class IrGolden : public testing::TestWithParam<std::string> {};

TEST_P(IrGolden, TextAfterPasses) {
  fs::path input = kFolder / (GetParam() + ".ir"), expected = kFolder / (GetParam() + ".out");
  std::string text = read(input);
  bool has_passes = false, split = false;
  std::vector<std::string> passes = header(text, "passes", has_passes);
  header(text, "split", split);
  ASSERT_TRUE(has_passes) << input << " has no '// passes:' line";
  std::unique_ptr<Module> m = parse(text);
  EXPECT_EQ(verify(*m, {split}), std::vector<std::string>());
  for (const std::string& name : passes) {
    const PassInfo* pass = find_pass(name);
    ASSERT_NE(pass, nullptr) << "no pass " << name;
    pass->run(*m);
    EXPECT_EQ(verify(*m, {split}), std::vector<std::string>()) << "after " << name << "\n" << print(*m);
  }
  std::string got = print(*m);
  EXPECT_EQ(print(*parse(got)), got) << "the result does not read back";
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update && *update && std::string(update) != "0") {
    std::ofstream(expected, std::ios::binary) << got;
    return;
  }
  EXPECT_EQ(got, read(expected)) << expected << " (UPDATE_GOLDEN=1 rewrites it)";
}

std::string case_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Files, IrGolden, testing::ValuesIn(cases()), case_name);

TEST(IrGolden, EveryPassHasACase) {
  for (const PassInfo& p : all_passes())
    EXPECT_TRUE(fs::is_directory(kFolder / p.name)) << "no golden test of " << p.name;
}

}  // namespace
}  // namespace cantil::ir
