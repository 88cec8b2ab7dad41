using CloudPhone.Contracts;
using CloudPhone.Media;
using CloudPhone.Shared.Hosting;

return await CloudPhoneHost.RunAsync(args, AppIds.Media, builder => builder.AddMedia(), app => { });
