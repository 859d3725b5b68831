namespace TeeIo.Generator.Tests;

/// <summary>Small specs of which one uses the other.</summary>
internal static class Fixtures
{
    public static SpecText Base { get; } = new("specs/base.abi.yaml", """
        abi: base
        kind: ioctl
        namespace: Fixtures.Base
        doc: What others use.
        source: the tests
        status: upstream
        sides: { client: user, server: kernel }
        framing: { type: "b" }
        objects:
          thing: { class: Thing, doc: a thing }
        ids:
          thing: { doc: a thing }
        enums:
          mode:
            doc: How.
            values:
              SLOW: { value: 0, doc: slowly }
              FAST: { value: 1, doc: fast }
        structs:
          inner:
            doc: Part of another record.
            fields:
              - { name: low,  type: u32, doc: lower half }
              - { name: high, type: u32, doc: upper half }
        """);

    public static SpecText User { get; } = new("specs/user.abi.yaml", """
        abi: user
        kind: ioctl
        namespace: Fixtures.User
        doc: What uses the other.
        source: the tests
        status: upstream
        uses: [base]
        sides: { client: user, server: kernel }
        framing: { type: "u" }
        objects:
          file: { class: File, doc: a file }
        structs:
          outer:
            doc: A record with one of the other spec inside.
            fields:
              - { name: thing, type: thing, doc: which thing }
              - { name: mode,  type: mode,  doc: how }
              - { name: inner, type: inner, doc: the part }
        """);

    public static SpecText Loner { get; } = new("specs/loner.abi.yaml", """
        abi: loner
        kind: ioctl
        namespace: Fixtures.Loner
        doc: What uses nothing.
        source: the tests
        status: upstream
        framing: { type: "l" }
        objects:
          file: { class: LonerFile, doc: a file }
        constants:
          LIMIT: { value: 7, doc: the most }
        """);

    public static IReadOnlyList<SpecText> All { get; } = [Base, User, Loner];
}
