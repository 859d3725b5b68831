namespace TeeIo.Abi.Model;

/// <summary>A kind of file descriptor that calls go to.</summary>
/// <param name="Name">Name in the spec (<c>vm</c>).</param>
/// <param name="ClassName">Stem of the generated names (<c>KvmVm</c> gives <c>KvmVmClient</c>, <c>IKvmVmServer</c>, <c>KvmVmDispatcher</c>).</param>
/// <param name="Sides">Actors, where they differ from the spec's.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
public sealed record CallObject(string Name, string ClassName, Sides? Sides, Provenance Provenance);
