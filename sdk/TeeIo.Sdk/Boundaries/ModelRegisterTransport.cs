namespace TeeIo.Boundaries;

/// <summary>A register transport of the software platform. Only such a transport carries calls whose numbers are public nowhere, by name: the clients of those calls take no
/// other, so that a program which would put them on real hardware doesn't compile.</summary>
public abstract class ModelRegisterTransport : RegisterTransport;
