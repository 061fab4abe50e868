// Identity of functions in the process, and their parameter lists.
#include "frontend/function.h"

#include <atomic>

namespace cantil::frontend {

std::shared_ptr<Function> make_function() {
  static std::atomic<uint64_t> next{1};
  auto f = std::make_shared<Function>();
  f->id = next.fetch_add(1, std::memory_order_relaxed);
  return f;
}

Parameters parameters(const syntax::Node* root) {
  const syntax::Node* args = root->one[0];
  Parameters p;
  for (const syntax::Node* arg : args->list[0]) p.positional.push_back(arg->name);
  p.positional_only = static_cast<int>(p.positional.size());
  for (const syntax::Node* arg : args->list[1]) p.positional.push_back(arg->name);
  for (const syntax::Node* arg : args->list[2]) p.keyword_only.push_back(arg->name);
  if (args->one[0]) p.vararg = args->one[0]->name;
  if (args->one[1]) p.kwarg = args->one[1]->name;
  return p;
}

}  // namespace cantil::frontend
