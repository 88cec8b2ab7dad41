using System.Net;
using CloudPhone.PhoneSimulator;
using CloudPhone.PhoneSimulator.Adb;
using CloudPhone.PhoneSimulator.Control;
using CloudPhone.PhoneSimulator.Lifetime;

// One process is one phone, as one container would be: it boots when it starts and is off when it has ended.
try
{
    var loopback = new IPEndPoint(IPAddress.Loopback, 0);
    var options = PhoneOptions.Read(args, Environment.GetEnvironmentVariable);
    using var folder = await PhoneFolder.OpenAsync(options.Folder, options.Container?.Identity);
    AppDomain.CurrentDomain.UnhandledException += (_, e) => folder.Log($"{e.ExceptionObject}");
    using var lifetime = new PhoneLifetime();
    var phone = Phone.Boot(folder, options, TimeProvider.System, lifetime);
    using var control = ControlServer.Start(
        new ControlRoutes(phone, lifetime), folder, options.Container is null ? loopback : ContainerMode.Control);
    using var adb = AdbServer.Start(
        phone, new AdbServices(phone), options.Container is null ? loopback : ContainerMode.Adb);
    folder.WriteRun(control.Port, adb.Port);
    if (phone.Faults.Has(Faults.Crash))
        FaultRoutes.Crash();
    await lifetime.WaitAsync(options, folder.ShowLife);
    folder.ShowLife();
    folder.RemoveRun();
    return 0;
}
catch (PhoneException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
