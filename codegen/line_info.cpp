// Line tables through DIBuilder.
#include "codegen/line_info.h"

#include "support/span.h"

namespace cantil::codegen {

LineInfo::LineInfo(llvm::Module& module) : module_(module), builder_(module) {
  module.addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
  module.addModuleFlag(llvm::Module::Warning, "Dwarf Version", 4);
}

llvm::DIFile* LineInfo::file(FileId id) {
  llvm::DIFile*& slot = files_[id];
  if (slot) return slot;
  const std::string path = file_name(id);
  const size_t slash = path.find_last_of('/');
  return slot = slash == std::string::npos
                    ? builder_.createFile(path, ".")
                    : builder_.createFile(path.substr(slash + 1), path.substr(0, slash));
}

llvm::DISubprogram* LineInfo::subprogram(llvm::Function* fn, const ir::Function& f) {
  if (llvm::DISubprogram* known = fn->getSubprogram()) return known;
  llvm::DIFile* in = file(f.span.file);
  if (!unit_)
    unit_ = builder_.createCompileUnit(llvm::DISourceLanguageName(llvm::dwarf::DW_LANG_Python), in, "cantil",
                                       true, "", 0, "", llvm::DICompileUnit::DebugDirectivesOnly);
  auto* type = builder_.createSubroutineType(builder_.getOrCreateTypeArray({}));
  auto* made = builder_.createFunction(
      in, f.name, fn->getName(), in, f.span.line, type, f.span.line, llvm::DINode::FlagZero,
      llvm::DISubprogram::SPFlagDefinition | llvm::DISubprogram::SPFlagOptimized);
  fn->setSubprogram(made);
  return made;
}

llvm::DebugLoc LineInfo::location(llvm::Function* fn, const ir::Function& f, const Span& span) {
  llvm::DIScope* scope = subprogram(fn, f);
  // A library body inlined by the front end keeps its own file.
  if (span.file != f.span.file) scope = builder_.createLexicalBlockFile(scope, file(span.file));
  return llvm::DILocation::get(module_.getContext(), span.line, span.col + 1, scope);
}

}  // namespace cantil::codegen
