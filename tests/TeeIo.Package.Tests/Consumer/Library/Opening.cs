using TeeIo.Boundaries;
using TeeIo.Linux.Iommufd;

namespace Consumer.Library;

public static class Opening
{
    public static IommufdClient Iommufd(IoctlTransport transport) => new(transport, new Fd((int)transport.Open("/dev/iommu").Value));
}
