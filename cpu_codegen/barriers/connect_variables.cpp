// Variables across pieces: liveness over the block's program, then loads and stores at the pieces' ends.
#include <algorithm>
#include <map>
#include <set>

#include "cpu_codegen/barriers/pieces.h"

namespace cantil::cpu_codegen {
namespace {

using ir::Opcode;

// Ordered by id, so that the loads and stores come in an order that does not depend on addresses.
struct ById {
  bool operator()(const ir::Variable* a, const ir::Variable* b) const { return a->id < b->id; }
};
using Set = std::set<ir::Variable*, ById>;

Set united(const Set& a, const Set& b) {
  Set all = a;
  all.insert(b.begin(), b.end());
  return all;
}

// What a piece does with the variables of threads.
struct Summary {
  Set exposed;   // may be read before this piece sets them
  Set may_set;   // set on some path
  Set must_set;  // set on every path that reaches the end
  bool reaches_end = true;
  bool masked = false;  // does nothing for some threads
  Set live_after;       // read by a later piece (or by this one again, in a loop)
};

class Reader {
 public:
  Reader(Summary& summary, const VariableSet& of_block) : summary_(summary), of_block_(of_block) {}

  // Follows a region with what is surely set before it; afterwards `set` is what is surely set behind it.
  // False when the end is never reached.
  bool region(const ir::Region* r, Set& set) {
    for (const ir::Op* op : r->ops) {
      switch (op->code) {
        case Opcode::VarGet:
          if (is_ours(op->var) && set.count(op->var) == 0) summary_.exposed.insert(op->var);
          break;
        case Opcode::VarSet:
          if (is_ours(op->var)) {
            set.insert(op->var);
            summary_.may_set.insert(op->var);
          }
          break;
        case Opcode::Return:
        case Opcode::Raise:
        case Opcode::Break:
        case Opcode::Continue:
          return false;
        case Opcode::If: {
          Set other = set;
          const bool first = region(op->regions[0], set);
          const bool second = region(op->regions[1], other);
          if (!first && !second) return false;
          if (!first) {
            set = std::move(other);
          } else if (second) {
            std::erase_if(set, [&](ir::Variable* v) { return other.count(v) == 0; });
          }
          break;
        }
        case Opcode::While: {
          region(op->regions[0], set);  // runs at least once
          Set inside = set;
          region(op->regions[1], inside);
          break;
        }
        default:
          for (const ir::Region* nested : op->regions) {
            Set inside = set;
            region(nested, inside);
          }
          break;
      }
    }
    return true;
  }

 private:
  bool is_ours(const ir::Variable* v) const { return of_block_.count(v) == 0; }
  Summary& summary_;
  const VariableSet& of_block_;
};

class Connection {
 public:
  Connection(ir::Module& m, ir::Function& f, std::vector<Piece>& pieces, const VariableSet& of_block)
      : module_(m), function_(f), pieces_(pieces) {
    for (const Piece& piece : pieces_) {
      Summary& summary = summaries_[piece.loop];
      summary.reaches_end = Reader(summary, of_block).region(piece.inner, summary.must_set);
      summary.masked = piece.is_masked();
    }
  }

  void run() {
    live_before(function_.body, {}, {}, {});
    Set kept;
    for (const auto& [loop, summary] : summaries_) {
      for (ir::Variable* v : summary.may_set) {
        if (summary.live_after.count(v) != 0) kept.insert(v);
      }
    }
    for (ir::Variable* v : kept) {
      const std::string stem = v->name.starts_with('.') ? v->name.substr(1) : v->name;
      arrays_[v] = module_.new_variable(&function_, fresh_name(function_, stem), v->type, v->span);
    }
    for (const Piece& piece : pieces_) insert(piece);
  }

 private:
  // Backwards over block level. Loops are repeated until what is live at their head no longer grows.
  Set live_before(const ir::Region* r, Set live, const Set& at_break, const Set& at_continue) {
    for (auto it = r->ops.rbegin(); it != r->ops.rend(); ++it) {
      const ir::Op* op = *it;
      switch (op->code) {
        case Opcode::ThreadLoop: {
          Summary& summary = summaries_.at(op);
          summary.live_after.insert(live.begin(), live.end());
          if (!summary.masked) {
            if (!summary.reaches_end) live.clear();
            std::erase_if(live, [&](ir::Variable* v) { return summary.must_set.count(v) != 0; });
          }
          live.insert(summary.exposed.begin(), summary.exposed.end());
          break;
        }
        case Opcode::If:
          live = united(live_before(op->regions[0], live, at_break, at_continue),
                        live_before(op->regions[1], live, at_break, at_continue));
          break;
        case Opcode::For:
        case Opcode::While: {
          const Set after = live;
          for (size_t size = live.size() + 1; size != live.size();) {
            size = live.size();
            live = united(live, live_before(op->regions.back(), live, after, live));
          }
          break;
        }
        case Opcode::Break:
          live = at_break;
          break;
        case Opcode::Continue:
          live = at_continue;
          break;
        case Opcode::Return:
          live.clear();
          break;
        default:
          break;
      }
    }
    return live;
  }

  void insert(const Piece& piece) {
    const Summary& summary = summaries_.at(piece.loop);
    Set loads, stores;
    for (ir::Variable* v : summary.exposed) {
      if (arrays_.count(v) != 0) loads.insert(v);
    }
    for (ir::Variable* v : summary.may_set) {
      if (!summary.reaches_end || summary.live_after.count(v) == 0) continue;
      stores.insert(v);
      if (summary.must_set.count(v) == 0) loads.insert(v);
    }
    ir::Region* body = piece.inner;
    std::vector<ir::Op*> ops;
    ops.swap(body->ops);
    ir::Builder b(module_, &function_, body);
    for (ir::Variable* v : loads) {
      ir::Op* get = b.op(Opcode::ThreadVarGet, {}, v->type);
      get->var = arrays_.at(v);
      b.set(v, get->result);
    }
    body->ops.insert(body->ops.end(), ops.begin(), ops.end());
    for (ir::Variable* v : stores) b.op(Opcode::ThreadVarSet, {b.get(v)})->var = arrays_.at(v);
  }

  ir::Module& module_;
  ir::Function& function_;
  std::vector<Piece>& pieces_;
  std::unordered_map<const ir::Op*, Summary> summaries_;
  std::map<ir::Variable*, ir::Variable*, ById> arrays_;
};

}  // namespace

void connect_variables(ir::Module& m, ir::Function& f, std::vector<Piece>& pieces,
                       const VariableSet& of_block) {
  Connection(m, f, pieces, of_block).run();
}

}  // namespace cantil::cpu_codegen
