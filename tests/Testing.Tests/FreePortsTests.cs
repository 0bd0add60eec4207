using System.Net;
using System.Net.Sockets;

namespace Tutti.Testing.Tests;

public sealed class A_free_port
{
    [Fact]
    public void Is_given_out_once()
    {
        var ports = Enumerable.Range(0, 200).Select(_ => FreePorts.Next()).ToArray();

        Assert.Equal(ports.Length, ports.Distinct().Count());
    }

    [Fact]
    public void Is_not_one_that_is_listened_on()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        Assert.False(FreePorts.IsFree(((IPEndPoint)listener.LocalEndpoint).Port));
    }
}
