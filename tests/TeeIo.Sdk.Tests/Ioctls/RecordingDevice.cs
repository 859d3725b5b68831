using TeeIo.Boundaries;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Seed202505;

namespace TeeIo.Sdk.Tests.Ioctls;

/// <summary>A device that remembers what it was bound to and returns what it is told.</summary>
internal sealed class RecordingDevice : ISeedVfioDeviceServer
{
    public int Binds { get; private set; }

    public VdeviceId LastVdevice { get; private set; }

    public SysResult Result { get; set; }

    public SysResult TsmBind(ref VfioPciTsmBind argument)
    {
        Binds++;
        LastVdevice = argument.VdeviceId;
        return Result;
    }

    public SysResult TsmUnbind(ref VfioPciTsmUnbind argument) => Result;
}
