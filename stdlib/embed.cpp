// The snapshot of the library as read-only data: from cantil_stdlib_snapshot to cantil_stdlib_snapshot_end.
asm(".section .rodata.cantil_stdlib_snapshot, \"a\", @progbits\n"
    ".global cantil_stdlib_snapshot\n"
    ".hidden cantil_stdlib_snapshot\n"
    ".global cantil_stdlib_snapshot_end\n"
    ".hidden cantil_stdlib_snapshot_end\n"
    ".balign 16\n"
    "cantil_stdlib_snapshot:\n"
    ".incbin \"" CANTIL_STDLIB_SNAPSHOT
    "\"\n"
    "cantil_stdlib_snapshot_end:\n"
    ".previous\n");
