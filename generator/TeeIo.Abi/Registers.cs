using System;

namespace TeeIo.Abi;

/// <summary>The registers of x86-64 in the order of their numbers, which is also the order of a register block.</summary>
public static class Registers
{
    private static readonly string[] _names =
    {
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    };

    /// <summary>Number of the register <paramref name="name"/>, or −1 if it is none.</summary>
    public static int IndexOf(string name) => Array.IndexOf(_names, name);
}
