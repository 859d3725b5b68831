using Acme;
using MyDevice;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Platform;
using TeeIo.Platform.Kernel;
using TeeIo.Scheduling;
using TeeIo.Tdx.Module;

// IOMMUFD on the software platform.
var scheduler = new DeterministicScheduler(1);
using var machine = new SoftwareMachine(new SoftwareMachineOptions(), scheduler, new LockOrder(scheduler), new CrossingHub([]), m => new TdxPlatform(m));
SoftwareProcess process = machine.Kernel.CreateProcess("consumer");
var iommufd = new IommufdClient(process, new Fd((int)process.Open("/dev/iommu").Value));
IoasId ioas = iommufd.IoasAlloc();
using UserMemory memory = process.Allocate(1 << 20);
ulong iova = 0;
iommufd.IoasMap(IoasMapFlags.Readable | IoasMapFlags.Writeable, ioas, memory, 0, memory.Length, ref iova);

// A device of one's own, both sides of it.
var server = new AcmeServer();
var acme = new AcmeFileClient(new Loopback((request, scoped in frame) => AcmeFileDispatcher.Dispatch(server, null, request, frame)), new Fd(1));
Console.WriteLine($"mapped {memory.Length} bytes, done {acme.Run(Speed.Fast, ioas)}, {acme.TryRun((Speed)9, ioas, out _)}");

internal sealed class AcmeServer : IAcmeFileServer
{
    public SysResult Run(ref AcmeRun run)
    {
        run.Done = 40 + (ulong)run.Speed;
        return run.Speed is Speed.Slow or Speed.Fast ? SysResult.Ok : Errno.EINVAL;
    }
}
